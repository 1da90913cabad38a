// The state of an emulated TPM on a real hypervisor: backed up while the VM is there, restored beside it and in its place.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { copyFile, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { quoteArgument } from "../../lib/shell/command.ts";
import type { LabHost } from "../lab/lab-host.ts";
import { newestBackup, type FoundBackup } from "../lab/restore-by-hand.ts";
import { waitUntil } from "../lab/wait-until.ts";
import { documentedTpm } from "./support/documented-restore.ts";
import { untilNobodyIsLoggedIn } from "./support/leftovers-here.ts";
import { describeVm, putBack } from "./support/replaced-vm.ts";
import { makeScratchFolder, type ScratchFolder } from "./support/scratch-folder.ts";
import { makeSubject, removeSubject, subjectVm } from "./support/subject-vm.ts";
import { openTestHost, type TestHost } from "./support/test-host.ts";
import { thoroughSuite } from "./support/thorough.ts";
import { changeState, describeStates, stateOf, statePath } from "./support/tpm-states.ts";
import { runBackup, startBackup, type RunEnd } from "./support/virtfold-process.ts";

const skip = process.getuid?.() === 0 ? false : "needs root";
const vm = subjectVm("sealed", { running: false, tpm: true });
const clone = "sealed-again";

thoroughSuite("the state of a TPM", { skip, timeout: 600_000 }, () => {
  let test: TestHost;
  let host: LabHost;
  let scratch: ScratchFolder;
  let store: string;
  let backup: FoundBackup;
  let stored: string;
  const place = (): readonly string[] => ["--store", store, "--ssh-config", test.lab.sshConfig];
  const virsh = (...args: readonly string[]): Promise<string> => host.check(["virsh", ...args]);
  const run = (
    command: "backup" | "drill" | "restore" | "verify",
    ...more: readonly string[]
  ): Promise<RunEnd> => runBackup([`hv1/${vm.name}`, ...place(), ...more], { command });
  const now = async (): Promise<string> => (await describeVm(host, vm.name)) + (await describeStates(host));

  before(async () => {
    test = await openTestHost("hv1", []);
    ({ host } = test);
    scratch = await makeScratchFolder();
    store = await scratch.newStore();
    await makeSubject(host, vm);
    // The first start makes it.
    await virsh("start", "--paused", vm.name);
    await virsh("destroy", vm.name);
    await changeState(host, vm.name, "sha256");
  });
  after(async () => {
    if (host === undefined) return;
    await removeSubject(host, vm);
    await scratch?.remove();
    await untilNobodyIsLoggedIn(host, 120);
  });

  it("is in the backup of a VM that is not off, byte for byte, for its owner only", async () => {
    await virsh("start", "--paused", vm.name);
    const { code, stderr } = await run("backup");
    assert.equal(code, 0, stderr);
    const found = await newestBackup(store, { host: "hv1", vm: vm.name });
    assert.ok(found);
    backup = found;
    const file = join(backup.folder, "tpm/tpm2-00.permall");
    stored = createHash("sha256")
      .update(await readFile(file))
      .digest("hex");
    assert.equal(stored, await stateOf(host, vm.name));
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    const [entry] = backup.manifest.bootFiles.filter(({ role }) => role === "tpm");
    const [user, group, mode] = (
      await host.check(["stat", "-c", "%U %G 0%a", await statePath(host, vm.name)])
    )
      .trim()
      .split(" ");
    assert.deepEqual(entry?.access, { user, group, mode });
    assert.deepEqual(backup.manifest.degradedBy, []);
    const verified = await run("verify");
    assert.equal(verified.code, 0, verified.stderr);
    await virsh("destroy", vm.name);
    await changeState(host, vm.name, "sha1");
    assert.notEqual(await stateOf(host, vm.name), stored);
  });

  it("is beside the original's, for another VM, which starts with it", async () => {
    const before = await now();
    const { code, stderr, stdout } = await run("restore", "--as", clone);
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stderr + stdout, /TPM/);
    const path = await statePath(host, clone);
    assert.equal(await stateOf(host, clone), stored);
    const owners = await host.check(["stat", "-c", "%U %a", path, join(path, ".."), join(path, "../..")]);
    const { user = "" } = backup.manifest.bootFiles.find(({ role }) => role === "tpm")?.access ?? {};
    assert.equal(owners, `${user} 600\n${user} 700\nroot 711\n`);
    await virsh("start", "--paused", clone);
    assert.equal(await stateOf(host, clone), stored);
    await virsh("destroy", clone);
    await virsh("undefine", clone);
    await host.check(["rm", "-r", `/srv/sealed/${clone}`]);
    assert.equal(await now(), before);
  });

  it("is the original's again, and that of the VM that made room is kept, and comes back with it", async () => {
    const before = await now();
    const { code, stdout, stderr } = await run("restore", "--as-original", "--force");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /"\/var\/lib\/libvirt\/swtpm\/\S+" as "\S+\.replaced"/);
    assert.equal(await stateOf(host, vm.name), stored);
    await virsh("start", "--paused", vm.name);
    assert.equal(await stateOf(host, vm.name), stored);
    await putBack(host, vm.name);
    assert.equal(await now(), before);
  });

  for (const moment of ['Kept VM "sealed" aside', "Defined"])
    it(`stays, or comes back, as a whole when a restore is killed at ${JSON.stringify(moment)}`, async () => {
      const before = await now();
      const more = ["--as-original", "--force", "--verbose", "--lease", "6"];
      const killed = startBackup([`hv1/${vm.name}`, ...place(), ...more], { command: "restore" });
      await killed.logged(new RegExp(moment, "m"));
      killed.signal("SIGKILL");
      await killed.end;
      await waitUntil("the host has ended it", { limitSeconds: 90, explain: now }, async () =>
        /journal|\.restoring/.test(await now()) ? undefined : true,
      );
      if ((await now()) === before) return;
      assert.equal(moment, "Defined");
      assert.equal(await stateOf(host, vm.name), stored);
      await putBack(host, vm.name);
      assert.equal(await now(), before);
    });

  it("leaves nothing of a restore beside the original that is killed", async () => {
    const before = await now();
    const more = ["--as", clone, "--verbose", "--lease", "6"];
    const killed = startBackup([`hv1/${vm.name}`, ...place(), ...more], { command: "restore" });
    await killed.logged(/Step define-vm/);
    killed.signal("SIGKILL");
    await killed.end;
    await waitUntil("the host has ended it", { limitSeconds: 90, explain: now }, async () =>
      (await now()) === before ? true : undefined,
    );
  });

  it("goes with the clone of a drill", async () => {
    const before = await now();
    const more = ["--on", "hv1", "--expect", "serial:SEQ", "--timeout", "120"];
    const { code, stderr } = await run("drill", ...more);
    assert.equal(code, 0, stderr);
    assert.equal(await now(), before);
  });

  it("is restored by the very commands of docs/restore-by-hand.md", async () => {
    const { newName, files } = backup.manifest;
    const folder = "/srv/sealed/by-hand";
    await host.check(["mkdir", "-p", `${folder}/tpm`]);
    const names = [files.patchedXml.fileName, "tpm/tpm2-00.permall"];
    for (const name of names) await copyFile(join(backup.folder, name), host.path(`${folder}/${name}`));
    await virsh("define", `${folder}/${files.patchedXml.fileName}`);
    await host.check(["sh", "-c", `cd ${quoteArgument(folder)}; ${await documentedTpm(backup)}`]);
    assert.equal(await stateOf(host, newName), stored);
    await virsh("undefine", newName, "--nvram");
    await host.check(["rm", "-r", folder]);
  });
});
