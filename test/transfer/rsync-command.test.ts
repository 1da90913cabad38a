import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Command } from "../../lib/shell/command.ts";
import { readClientConfig } from "../../lib/ssh/client-config.ts";
import { connectSettings } from "../../lib/ssh/connect-settings.ts";
import { hostKeyPolicy } from "../../lib/ssh/host-keys.ts";
import { canRsyncName, rsyncCommand } from "../../lib/transfer/rsync-command.ts";
import type { RsyncPull } from "../../lib/transfer/rsync-command.ts";
import { isRsyncAtLeast } from "../../lib/transfer/rsync-version.ts";
import { preferFastCiphers, sshCommand } from "../../lib/transfer/ssh-command.ts";

const ssh: Command = ["ssh", "-F", "/etc/ssh config", "-o", 'ControlPath=/tmp/a"b'];
const pull: RsyncPull = {
  rsyncShell: ssh,
  destination: "root@kvm1",
  remotePath: "/images/web.qcow2",
  localPath: "/store/vda.qcow2",
  canBoundMemory: true,
  bytesPerSecond: 0,
  rsyncPath: undefined,
};
const end = (changes: Partial<RsyncPull>): readonly string[] =>
  rsyncCommand({ ...pull, ...changes }).slice(-3);

describe("rsyncCommand()", () => {
  it("pulls one file with nothing that lets a host create anything else", () => {
    const command = rsyncCommand(pull);
    assert.deepEqual(command, [
      ..."rsync -s -I -L --sparse --partial-dir=.rsync-partial --no-W".split(" "),
      ..."--no-inc-recursive --max-alloc=1g".split(" "),
      ..."--timeout=120 --no-h --info=progress2,name0,stats1 --outbuf=L -e".split(" "),
      'ssh -F "/etc/ssh config" -o "ControlPath=/tmp/a""b"',
      "--",
      "root@kvm1:/images/web.qcow2",
      "/store/vda.qcow2",
    ]);
    for (const option of [
      "-a",
      "-r",
      "-l",
      "-p",
      "-o",
      "-g",
      "-D",
      "-H",
      "-z",
      "--inplace",
      "--append-verify",
    ]) {
      assert.ok(!command.includes(option));
    }
  });

  it("bounds memory only where both ends know how", () => {
    assert.ok(!rsyncCommand({ ...pull, canBoundMemory: false }).includes("--max-alloc=1g"));
  });

  it("keeps to a rate in whole KiB, which every rsync understands, and never to none", () => {
    const limitOf = (bytesPerSecond: number): readonly string[] =>
      rsyncCommand({ ...pull, bytesPerSecond }).filter((word) => word.startsWith("--bwlimit"));
    assert.deepEqual(limitOf(0), []);
    assert.deepEqual(limitOf(20 * 2 ** 20), ["--bwlimit=20480"]);
    assert.deepEqual(limitOf(2047), ["--bwlimit=1"]);
    assert.deepEqual(limitOf(1), ["--bwlimit=1"]);
  });

  it("has the sending end run as root where that is asked for", () => {
    assert.ok(rsyncCommand({ ...pull, rsyncPath: "sudo -n rsync" }).includes("--rsync-path=sudo -n rsync"));
    assert.ok(!rsyncCommand(pull).some((word) => word.includes("sudo")));
  });

  it("escapes wildcards, and leaves everything else as it is", () => {
    const cases: readonly [path: string, sent: string][] = [
      ["/a b/c'd\"e$f`g\\h\ni:ü", "/a b/c'd\"e$f`g\\h\ni:ü"],
      ["/a/[x]*?.img", "/a/\\[x]\\*\\?.img"],
    ];
    for (const [remotePath, sent] of cases) assert.equal(end({ remotePath })[1], `root@kvm1:${sent}`);
  });

  it("puts brackets around addresses of IPv6", () => {
    assert.equal(end({ destination: "root@fe80::1" })[1], "root@[fe80::1]:/images/web.qcow2");
    assert.equal(end({ destination: "::1" })[1], "[::1]:/images/web.qcow2");
    assert.equal(end({ destination: "root@[::1]" })[1], "root@[::1]:/images/web.qcow2");
  });
});

describe("canRsyncName()", () => {
  it("says no to names that hold both a wildcard and a backslash", () => {
    assert.deepEqual(["/a*b", "/a\\b", "/a\\b*", "/[\\"].map(canRsyncName), [true, true, false, false]);
  });
});

describe("isRsyncAtLeast()", () => {
  it("compares what rsync prints", () => {
    const cases: readonly [printed: string | undefined, isAtLeast: boolean][] = [
      ["rsync  version 3.2.0  protocol version 31", true],
      ["3.5.0", true],
      ["4.0.0", true],
      ["v3.4.0pre1", true],
      ["3.10.1", true],
      ["3.1.3", false],
      ["2.9.9", false],
      ["unknown", false],
      [undefined, false],
    ];
    for (const [printed, isAtLeast] of cases)
      assert.equal(isRsyncAtLeast(printed, [3, 2, 0]), isAtLeast, printed);
  });
});

describe("sshCommand()", () => {
  const options = {
    configFile: undefined,
    controlPath: "/tmp/v/ssh",
    connectTimeoutSeconds: 15,
    acceptsNewHostKeys: false,
    ciphers: undefined,
  };
  const host = { name: "kvm1", destination: "root@kvm1", uri: "" };

  it("asks nothing, forwards nothing, and shares one connection", () => {
    const command = sshCommand(host, options).join(" ");
    for (const setting of [
      "BatchMode=yes",
      "ControlMaster=auto",
      "ControlPath=/tmp/v/ssh",
      "ClearAllForwardings=yes",
      "StrictHostKeyChecking=yes",
    ]) {
      assert.ok(command.includes(`-o ${setting}`), setting);
    }
    assert.ok(!command.includes("Ciphers"));
    assert.ok(!command.includes("-F"));
  });

  it("takes the port and the configuration file that everything else takes", () => {
    const command = sshCommand({ ...host, port: 2222 }, { ...options, configFile: "/c", ciphers: "a,b" });
    assert.deepEqual(command.slice(0, 5), ["ssh", "-F", "/c", "-p", "2222"]);
    assert.ok(command.includes("Ciphers=a,b"));
  });
});

describe("how long a peer is silent before it counts as dead", () => {
  it("is less than a minute, for commands and for disks", () => {
    const config = readClientConfig("host h\nhostname h\nport 22\nuser u\n", "h", {
      ...{ userName: "u", userId: 1, homeDirectory: "/", hostName: "here", environment: {} },
    });
    const parts = { policy: hostKeyPolicy([], config), stream: undefined, methods: [], algorithms: {} };
    const { keepaliveInterval, keepaliveCountMax } = connectSettings(config, parts);
    assert.ok(keepaliveInterval * (keepaliveCountMax + 1) < 60_000);
    const command = sshCommand(
      { name: "kvm1", destination: "kvm1", uri: "" },
      {
        ...{ configFile: undefined, controlPath: "/s", connectTimeoutSeconds: 15 },
        ...{ acceptsNewHostKeys: true, ciphers: undefined },
      },
    ).join(" ");
    const [, interval] = /-o ServerAliveInterval=(\d+) /.exec(command)!;
    const [, count] = /-o ServerAliveCountMax=(\d+) /.exec(command)!;
    assert.ok(Number(interval) * (Number(count) + 1) < 60);
    assert.match(command, /-o StrictHostKeyChecking=accept-new /);
  });
});

describe("preferFastCiphers()", () => {
  it("puts AES-GCM first where nobody has chosen", () => {
    const list = "chacha20-poly1305@openssh.com,aes128-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com";
    const preferred =
      "aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes128-ctr";
    assert.equal(preferFastCiphers(list, list), preferred);
    assert.equal(preferFastCiphers("aes256-ctr", list), undefined);
    assert.equal(preferFastCiphers("aes256-ctr", "aes256-ctr"), undefined);
  });
});
