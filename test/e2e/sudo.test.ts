// A login that has nothing but the sudoers file of docs/sudo.md: backups are good, the host restores itself, and without
// the rules one sentence says what is missing.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { addHostUser, allowSudo, sudoRulesFile } from "../lab/make-login.ts";
import { waitUntil } from "../lab/wait-until.ts";
import { canaryFinding } from "./support/canary-finding.ts";
import { openBackupCase, type BackupCase } from "./support/backup-case.ts";
import { removeHostUser } from "./support/host-user.ts";
import { describeClone, folderOf, removeClone } from "./support/restored-clone.ts";
import { withSlowLink } from "./support/slow-link.ts";
import { writeSshSettings } from "./support/ssh-settings.ts";
import { thorough } from "./support/thorough.ts";
import { onlySentence, runBackup, startBackup, type RunEnd } from "./support/virtfold-process.ts";

const user = "backup-login";

interface ToldCopy {
  readonly kind: string;
  readonly vm: string;
  readonly seconds: number;
  readonly sentBytes: number;
}

const storeOf = (args: readonly string[]): string => args[args.indexOf("--store") + 1]!;

describe("a login with sudo", { timeout: 600_000 }, () => {
  let given: BackupCase;
  let args: readonly string[];

  before(async () => {
    given = await openBackupCase("hv2", ["web", "block"]);
    await addHostUser(given.host, user);
    // Nobody but root and QEMU may read the images, and only root may ask libvirt.
    await given.host.check([
      "sh",
      "-c",
      "chmod 600 /var/lib/libvirt/images/*; chmod 700 /run/libvirt/libvirt-sock*",
    ]);
    await given.rememberAll();
    const sshConfig = await writeSshSettings(given, user, { User: user });
    args = ["hv2", "--vm-domain", "web", "--vm-domain", "block", "--sudo"];
    args = [...args, "--store", await given.scratch.newStore(), "--ssh-config", sshConfig, "--verbose"];
  });
  after(async () => {
    await given?.host.run(["sh", "-c", `chmod 777 /run/libvirt/libvirt-sock*; rm -f ${sudoRulesFile}`]);
    if (given !== undefined) await removeHostUser(given.host, user);
    await given?.scratch.remove();
  });

  it("is told when sudo does not let it", async () => {
    const end = await runBackup(args);
    assert.equal(end.code, 3);
    assert.equal(
      onlySentence(end),
      'Cannot become root on host "hv2": sudo says: a password is required. Give the login the rules of docs/sudo.md, then try on the host: echo true | sudo -n sh -s',
    );
  });

  it("backs up file and block disks with just the rules of the manual", async () => {
    await allowSudo(given.host, user);
    const end = await runBackup(args);
    assert.equal(end.code, 0, end.stderr);
    await given.assertHostAsBefore();
  });

  thorough("copies files and devices no faster than --bwlimit, with the same rules", async () => {
    const end = await runBackup([...args, "--bwlimit", "16M", "--json"]);
    assert.equal(end.code, 0, end.stderr);
    const copies = end.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as ToldCopy)
      .filter(({ kind }) => kind === "copy-finished");
    assert.deepEqual(copies.map(({ vm }) => vm).toSorted(), ["block", "web"]);
    for (const { vm, seconds, sentBytes } of copies) {
      // Else this could be over before a rate is of any effect.
      assert.ok(sentBytes >= 24 * 2 ** 20, `${sentBytes} bytes of ${vm}`);
      // rsync lets the last tenth of a second go.
      assert.ok(seconds >= sentBytes / (16 * 2 ** 20) - 0.15, `${sentBytes} bytes of ${vm} in ${seconds} s`);
    }
    const { code, stdout } = await runBackup(["--store", storeOf(args)], { command: "verify" });
    assert.equal(code, 0, stdout);
    await given.assertHostAsBefore();
  });

  it("is found well with just these rules, the way for images too", async () => {
    const [ssh = "", file = ""] = args.slice(args.indexOf("--ssh-config"));
    const { code, stdout } = await runBackup(["hv2/web", "--sudo", ssh, file], { command: "doctor" });
    assert.equal(code, 0, stdout);
    assert.match(stdout, /^ {2}ok {7}host key, login, rsync, guard's folder, libvirt, QEMU$/m);
  });

  thorough("can start a scratch VM, snapshot it and fold it back, and leaves nothing of it", async () => {
    const [ssh = "", file = ""] = args.slice(args.indexOf("--ssh-config"));
    const flags = ["hv2/web", "--sudo", "--canary", "--json", ssh, file];
    const { severity, text } = canaryFinding(await runBackup(flags, { command: "doctor" }), 0);
    assert.equal(severity, "ok", text);
    assert.match(text, /^A scratch VM was started, snapshotted, folded back and removed in \d/);
    await given.assertHostAsBefore();
    const left = "virsh list --all --name | grep canary; ls -d /var/lib/libvirt/images/canary* /tmp/canary*";
    assert.equal((await given.host.run(["sh", "-c", left])).stdout, "");
  });

  it("may do nothing else", async () => {
    for (const command of ["id", "sh -c id", "rsync --server . /etc", "virsh list"]) {
      const { code } = await given.host.run(["su", "-s", "/bin/sh", user, "-c", `sudo -n ${command}`]);
      assert.notEqual(code, 0, command);
    }
  });

  it("brings a VM back, with the one rule more that the manual names", async () => {
    const name = "back-with-sudo";
    const from = args.slice(args.indexOf("--sudo"));
    const restore = async (): Promise<RunEnd> =>
      await runBackup(["hv2/web", ...from, "--as", name], { command: "restore" });
    const refused = await restore();
    assert.equal(refused.code, 3);
    assert.match(refused.stderr, /sudo: a password is required[\s\S]*docs\/sudo\.md/);
    assert.equal(await describeClone(given.host, name), "");
    await allowSudo(given.host, user, { restores: true });
    try {
      const { code, stderr } = await restore();
      assert.equal(code, 0, stderr);
      const { stdout } = await given.host.run(["stat", "-c", "%U %a", `${folderOf(name)}/vda.qcow2`]);
      const { stdout: like } = await given.host.run([
        "stat",
        "-c",
        "%U %a",
        "/var/lib/libvirt/images/web.qcow2",
      ]);
      assert.equal(stdout, like);
    } finally {
      await removeClone(given.host, name);
    }
    await given.assertHostAsBefore();
  });

  thorough("boots a drill's clone", async () => {
    await allowSudo(given.host, user, { restores: true });
    const from = args.slice(args.indexOf("--sudo"));
    const { code, stdout, stderr } = await runBackup(["hv2/web", ...from], { command: "drill" });
    assert.equal(code, 0, stdout + stderr);
    await given.assertHostAsBefore();
  });

  thorough("leaves a host that restores itself as root", async () => {
    await withSlowLink(given.host, 40, async () => {
      const run = startBackup([...args, "--lease", "6"]);
      await run.logged(/vda: .* → /);
      run.signal("SIGKILL");
      await run.end;
      await waitUntil("the host has restored itself", { limitSeconds: 30 }, async () =>
        (await given.host.run(["sh", "-c", "ls /var/lib/virtfold/*/journal"])).code === 0 ? undefined : true,
      );
    });
    await given.assertHostAsBefore();
  });
});
