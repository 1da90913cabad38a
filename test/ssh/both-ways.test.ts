// Commands and disks reach a host in the way that `ssh HOST` does, or not at all: OpenSSH's client says what is right.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { findProgram } from "./find-program.ts";
import { sshdPath, startSshd } from "./real-sshd.ts";
import type { RealSshd } from "./real-sshd.ts";
import { freePort, makeKey, publicKeyOf } from "./ssh-folder.ts";
import type { SshFolder } from "./ssh-folder.ts";
import { askSsh, copyFile, goThreeWays, runCommand } from "./three-ways.ts";

const canRun = sshdPath !== undefined && findProgram("rsync") !== undefined;
const reached = { ssh: "reached", commands: "reached", disks: "reached" };
const hostName = "127.0.0.1";

describe("commands and disks", { skip: !canRun }, () => {
  let server: RealSshd;
  let folder: SshFolder;
  before(async () => {
    server = await startSshd(keysOfHost);
    ({ folder } = server);
    for (const name of ["other", "user", "wrong"]) makeKey(join(folder.path, name));
    sign(folder, ["-n", userName()], join(folder.path, "user.pub"));
  });
  after(() => server?.close());

  const at = (name: string): string => join(folder.path, name);
  const own = (): string => publicKeyOf(folder.hostKey);
  const addressed = (): string => `[${hostName}]:${server.port}`;
  const addHost = (alias: string, lines: readonly string[], withKey = true): void =>
    folder.addHost(alias, server.port, lines, { withKey });
  /** A host whose known_hosts file has just these lines. */
  const addKnown = (alias: string, knownHosts: readonly string[], lines: readonly string[] = []): void => {
    writeFileSync(at(`known ${alias}`), `${knownHosts.join("\n")}\n`);
    addHost(alias, [`UserKnownHostsFile "${at(`known ${alias}`)}"`, ...lines]);
  };

  it("read files that the configuration includes, and what matches in them", async () => {
    mkdirSync(at("config.d"));
    writeFileSync(at("config.d/a"), `Match originalhost included exec "true"\n  Port ${server.port}\n`);
    writeFileSync(
      at("config.d/b"),
      [
        `Match originalhost included exec "exit 1"\n  HostName ${hostName}.invalid`,
        `Match host included !exec "exit 1"\n  HostName ${hostName}\n  IdentityFile "${folder.userKey}"`,
        `Match final host ${hostName} originalhost included\n  UserKnownHostsFile "${folder.knownHosts}"`,
        "Match all\n  IdentityAgent none\n  GlobalKnownHostsFile none\n",
      ].join("\n"),
    );
    writeFileSync(at("including"), `Include "${at("config.d")}/*"\n`);
    addHost("known", []);
    assert.deepEqual(await goThreeWays({ ...folder, configFile: at("including") }, "included"), reached);
  });

  it("know a host by its alias alone, whatever its address and port, behind hops too", async () => {
    addHost("hop", []);
    addKnown("aliased", [`web.prod ${own()}`], ["HostKeyAlias web.prod"]);
    assert.deepEqual(await goThreeWays(folder, "aliased"), reached);
    addKnown("aliased-behind", [`Web.Prod ${own()}`], ["HostKeyAlias web.prod", "ProxyJump hop,hop"]);
    assert.deepEqual(await goThreeWays(folder, "aliased-behind"), reached);
    addKnown("misaliased", [`${addressed()} ${own()}`], ["HostKeyAlias web.prod"]);
    await assertRefused("misaliased", /is in no known_hosts file/);
  });

  it("know a host by hashed lines, by patterns, and by files named with tokens", async () => {
    addKnown("hashed", [`${addressed()} ${own()}`, `elsewhere ${publicKeyOf(at("other"))}`]);
    execFileSync("ssh-keygen", ["-q", "-H", "-f", at("known hashed")], { stdio: "ignore" });
    assert.ok(!readFileSync(at("known hashed"), "utf8").includes(hostName));
    assert.deepEqual(await goThreeWays(folder, "hashed"), reached);
    addKnown("pattern", [`!${addressed()}x,[127.0.?.*]:* ${own()}`]);
    assert.deepEqual(await goThreeWays(folder, "pattern"), reached);
    writeFileSync(at(`tokens ${hostName} ${server.port}`), `${addressed()} ${own()}\n`);
    addHost("tokens", [`UserKnownHostsFile "${folder.path}/tokens %h %p"`]);
    assert.deepEqual(await goThreeWays(folder, "tokens"), reached);
  });

  it("take any of several keys of a host, of any type", async () => {
    addKnown("rsa", [`${addressed()} ${publicKeyOf(at("rsa"))}`]);
    addKnown("both", [`${addressed()} ${publicKeyOf(at("other"))}`, `${addressed()} ${own()}`]);
    for (const alias of ["rsa", "both"]) assert.deepEqual(await goThreeWays(folder, alias), reached, alias);
  });

  it("do not trust a key that is marked as revoked, but another of that host", async () => {
    addKnown("revoked", [`@revoked * ${own()}`, `${addressed()} ${own()}`]);
    await assertRefused("revoked", /is marked @revoked in known_hosts/);
    const rsa = `${addressed()} ${publicKeyOf(at("rsa"))}`;
    addKnown("half-revoked", [`@revoked * ${own()}`, `${addressed()} ${own()}`, rsa]);
    assert.deepEqual(await goThreeWays(folder, "half-revoked"), reached);
  });

  it("tell a host from another one behind the same address", async () => {
    addKnown("neighbour", [`${hostName} ${publicKeyOf(at("other"))}`]);
    await assertRefused("neighbour", /is in no known_hosts file/);
    addKnown("neighbour-rsa", [`${hostName} ${publicKeyOf(at("rsa"))}`]);
    await assertRefused("neighbour-rsa", /is in no known_hosts file/);
    addKnown("vouched", [`${hostName} ${own()}`]);
    assert.deepEqual(await goThreeWays(folder, "vouched"), reached);
  });

  for (const [way, go] of [
    ["commands", runCommand],
    ["disks", copyFile],
  ] as const)
    it(`accept a new key where they are told to, as ${way}, and never another one then`, async () => {
      const alias = `new-${way}`;
      const neighbour = `${hostName} ${publicKeyOf(at("other"))}`;
      addKnown(alias, [neighbour], ["StrictHostKeyChecking accept-new"]);
      assert.equal(await go(folder, alias), "reached");
      assert.ok(readFileSync(at(`known ${alias}`), "utf8").includes(`${addressed()} ssh-ed25519 `));
      assert.equal(await askSsh(folder, alias), "reached");
      addKnown(
        `${alias}-changed`,
        [`${addressed()} ${publicKeyOf(at("other"))}`],
        ["StrictHostKeyChecking no", "PasswordAuthentication no"],
      );
      assert.match(
        await go(folder, `${alias}-changed`),
        way === "commands" ? /its key has changed/ : /Cannot copy/,
      );
    });

  it("honour an authority as disks; as commands they ask for the host's own key, by a command that adds it", async () => {
    const authority = `@cert-authority *,[*]:* ${publicKeyOf(at("ca"))}`;
    addKnown("certified", [authority]);
    const { ssh, commands, disks } = await goThreeWays(folder, "certified");
    assert.deepEqual([ssh, disks], ["reached", "reached"]);
    const said =
      /^Cannot check the key of host "certified": .* Compare the fingerprint "SHA256:\S+" on the host itself, then add its own key as well: (ssh .*)$/;
    const command = said.exec(commands)?.[1];
    assert.ok(command !== undefined, commands);
    writeFileSync(at("yes"), "#!/bin/sh\necho yes\n", { mode: 0o755 });
    const env = { ...process.env, SSH_ASKPASS: at("yes"), SSH_ASKPASS_REQUIRE: "force" };
    execFileSync("setsid", ["--wait", "sh", "-c", command], { env, stdio: "ignore" });
    assert.deepEqual(await goThreeWays(folder, "certified"), reached);
    addKnown("strangely-certified", [`@cert-authority * ${publicKeyOf(at("other"))}`]);
    await assertRefused("strangely-certified", /certificates cannot be checked here/);
  });

  it("offer the algorithms that are configured, and no others", async () => {
    const old = await startSshd([
      "KexAlgorithms diffie-hellman-group14-sha1",
      "Ciphers aes256-cbc",
      "MACs hmac-sha1",
    ]);
    try {
      const named = ["KexAlgorithms +diffie-hellman-group14-sha1", "Ciphers +aes256-cbc", "MACs hmac-sha1"];
      for (const [alias, lines] of [
        ["modern", named.slice(1)],
        ["less-modern", named.slice(0, 1)],
      ] as const) {
        old.folder.addHost(alias, old.port, lines);
        const { ssh, commands, disks } = await goThreeWays(old.folder, alias);
        assert.match(ssh, /no matching (?:key exchange method|cipher) found/);
        assert.match(commands, /^Cannot reach host "\S+": .*no matching/);
        assert.notEqual(disks, "reached");
      }
      old.folder.addHost("old", old.port, named);
      assert.deepEqual(await goThreeWays(old.folder, "old"), reached);
    } finally {
      await old.close();
    }
  });

  it("do not mind what is configured for people at a terminal", async () => {
    const port = await freePort();
    addHost("lively", [
      "RequestTTY force\n  RemoteCommand echo for people; exec $SHELL -l",
      'PermitLocalCommand yes\n  LocalCommand echo "Welcome to %h"',
      "VisualHostKey yes\n  LogLevel DEBUG1\n  BatchMode no\n  Compression yes\n  ForwardAgent yes\n  ForwardX11 yes",
      `ControlMaster auto\n  ControlPath "${folder.path}/c-%C"\n  ControlPersist 60`,
      `LocalForward ${port} 127.0.0.1:${port}\n  ExitOnForwardFailure yes`,
      "SetEnv LC_ALL=de_DE.UTF-8\n  SendEnv *\n  ServerAliveInterval 0\n  NumberOfPasswordPrompts 9",
    ]);
    assert.deepEqual(await Promise.all([runCommand, copyFile].map((go) => go(folder, "lively"))), [
      "reached",
      "reached",
    ]);
    assert.deepEqual(
      readdirSync(folder.path).filter((name) => name.startsWith("c-")),
      [],
      "they have taken over a connection for people",
    );
    addHost("behind-lively", ["ProxyJump lively"]);
    assert.deepEqual(await Promise.all([runCommand, copyFile].map((go) => go(folder, "behind-lively"))), [
      "reached",
      "reached",
    ]);
  });

  it("say which setting only disks could follow", async () => {
    addHost("quantum", ["KexAlgorithms sntrup761x25519-sha512@openssh.com"]);
    const { ssh, commands, disks } = await goThreeWays(folder, "quantum");
    assert.deepEqual([ssh, disks], ["reached", "reached"]);
    assert.match(
      commands,
      /^Cannot use the SSH configuration for host "quantum": KexAlgorithms sntrup\S+: none of it can be used for commands\. /,
    );
  });

  it("try all keys that are named, the wrong ones first", async () => {
    addHost("several", [`IdentityFile "${at("wrong")}"`, `IdentityFile "${at("none")}"`]);
    assert.deepEqual(await goThreeWays(folder, "several"), reached);
  });

  it("log in with a certificate as disks; as commands they say that they cannot", async () => {
    for (const [alias, lines] of [
      ["beside", [`IdentityFile "${at("user")}"`]],
      ["named", [`IdentityFile "${at("moved")}"`, `CertificateFile "${at("%r-of")}-cert.pub"`]],
    ] as const) {
      if (alias === "named") {
        writeFileSync(at("moved"), readFileSync(at("user")), { mode: 0o600 });
        appendFileSync(at(`${userName()}-of-cert.pub`), readFileSync(at("user-cert.pub")));
      }
      addHost(alias, lines, false);
      const { ssh, commands, disks } = await goThreeWays(folder, alias);
      assert.deepEqual([ssh, disks], ["reached", "reached"]);
      assert.match(
        commands,
        /^Cannot log in to host "\w+" as "\w+": it accepted none of ".*", and commands cannot show it the certificate ".*-cert\.pub", as ssh does\. Have the host accept the key itself: put it into the login's authorized_keys$/,
      );
    }
  });

  /** By all three; a person is told why before anything is copied. */
  async function assertRefused(alias: string, why: RegExp): Promise<void> {
    const { ssh, commands, disks } = await goThreeWays(folder, alias);
    assert.match(ssh, /Host key verification failed/);
    assert.match(commands, why);
    assert.match(disks, /^Cannot copy /);
  }
});

/** A host with keys of two types, a certificate for one of them, and an authority for those who log in. */
function keysOfHost(folder: SshFolder): readonly string[] {
  makeKey(join(folder.path, "ca"));
  makeKey(join(folder.path, "rsa"), ["-t", "rsa", "-b", "2048"]);
  sign(folder, ["-h", "-n", hostName], `${folder.hostKey}.pub`);
  return [
    `HostKey "${folder.path}/rsa"`,
    `HostCertificate "${folder.hostKey}-cert.pub"`,
    `TrustedUserCAKeys "${folder.path}/ca.pub"`,
  ];
}

function sign(folder: SshFolder, options: readonly string[], publicKey: string): void {
  execFileSync("ssh-keygen", ["-q", "-s", join(folder.path, "ca"), "-I", "test", ...options, publicKey]);
}

function userName(): string {
  return execFileSync("id", ["-un"], { encoding: "utf8" }).trim();
}
