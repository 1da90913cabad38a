// VMs of one generation of libvirt and QEMU, brought back on another beside nothing, and on their own host after they were
// lost: each boots and goes on where its backup ends.

import assert from "node:assert/strict";
import { copyFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import type { LabHost } from "../lab/lab-host.ts";
import { newestBackup, type FoundBackup } from "../lab/restore-by-hand.ts";
import { serialLog } from "../lab/vm-xml.ts";
import { vmKind, vmKindNames, vmKinds } from "../lab/vm-kinds.ts";
import { withCopiedFileSystem } from "./support/copied-file-system.ts";
import { fillWithGarbage, makeHostDevice, removeHostDevice } from "./support/host-device.ts";
import { untilNobodyIsLoggedIn } from "./support/leftovers-here.ts";
import { folderOf, removeClone, waitForLine } from "./support/restored-clone.ts";
import { assertSameContent } from "./support/same-content.ts";
import { makeScratchFolder, type ScratchFolder } from "./support/scratch-folder.ts";
import { watchSerial, type SerialLine } from "./support/serial-line.ts";
import { makeSubject, removeSubject, subjectVm } from "./support/subject-vm.ts";
import { openTestHost, type TestHost } from "./support/test-host.ts";
import { isThorough, thorough } from "./support/thorough.ts";
import { runBackup, type RunEnd } from "./support/virtfold-process.ts";

const skip = process.getuid?.() === 0 ? false : "needs root";
/** What a VM has besides a disk is what another generation may trip over. */
const kinds = (isThorough ? vmKindNames : ["snaptree"]).map(vmKind);
const clone = "elsewhere";

describe("restore on another generation", { skip, timeout: 1_500_000 }, () => {
  let old: TestHost;
  let next: LabHost;
  let scratch: ScratchFolder;
  let store: string;
  const restore = (vm: string, ...more: readonly string[]): Promise<RunEnd> =>
    runBackup([`old/${vm}`, "--store", store, "--ssh-config", old.lab.sshConfig, ...more], {
      command: "restore",
    });
  const backupOf = async (vm: string): Promise<FoundBackup> =>
    (await newestBackup(store, { host: "old", vm }))!;

  before(async () => {
    ({ host: next } = await openTestHost("hv1", []));
    old = await openTestHost(
      "old",
      vmKindNames.filter((kind) => kinds.includes(vmKind(kind))),
      "bullseye",
    );
    scratch = await makeScratchFolder();
    store = await scratch.newStore();
    const names = kinds.map(({ name }) => ["--vm-domain", name]).flat();
    const { code, stderr } = await runBackup(
      ["old", ...names, "--store", store, "--ssh-config", old.lab.sshConfig],
      {},
    );
    // One has disks that cannot be in a snapshot.
    assert.equal(code, isThorough ? 5 : 0, stderr);
  });
  afterEach(async () => removeClone(next, clone));
  after(async () => {
    await old?.host.kill();
    await scratch?.remove();
    if (next !== undefined) await untilNobodyIsLoggedIn(next, 120);
  });

  /** The last number on any disk of the copy. */
  async function lastNumber(backup: FoundBackup): Promise<number> {
    const numbers: number[] = [0];
    // What an earlier test has left of a VM that is off may not have been put away.
    const manifest = { ...backup.manifest, consistency: "crash" } as const;
    for (const { target } of manifest.disks) {
      const disk = { ...backup, manifest, target, scratch: scratch.directory };
      const sequence = await withCopiedFileSystem(disk, (fileSystem) => fileSystem.readSequence());
      numbers.push(sequence.at(-1) ?? 0);
    }
    return Math.max(...numbers);
  }

  for (const { name } of kinds) {
    it(`brings ${name} back as a clone that goes on where the copy ends`, async () => {
      const backup = await backupOf(name);
      const { code, stderr } = await restore(name, "--to", "hv1", "--as", clone, "--start");
      assert.equal(code, 0, stderr);
      const first = (await lastNumber(backup)) + 1;
      const line = new RegExp(`^SEQ ${first + 2}\\r?$`, "m");
      const text = await waitForLine(next, { name: clone, vm: plainName(name) }, line);
      assert.equal(Number(/^SEQ (\d+)\r?\n/m.exec(text)?.[1]), first);
      assert.doesNotMatch(text, /GAP|IOERROR/);
      if (name === vmKinds.snaptree.name) await assertReverts(backup);
    });
  }

  /** Each snapshot of the clone is, byte by byte, what the original's image on the other host holds in it. */
  async function assertReverts({ manifest }: FoundBackup): Promise<void> {
    const tree = ["virsh", "snapshot-list", "--tree"] as const;
    assert.equal(await next.check([...tree, clone]), await old.host.check([...tree, manifest.vm.name]));
    const raw = "/srv/content-then.raw";
    for (const { name } of manifest.snapshots.order) {
      const xml = await next.check(["virsh", "snapshot-dumpxml", clone, name]);
      // With memory the guest would go on and write; such a snapshot comes back only where QEMU can read that memory.
      const paused = /^ {2}<state>running<\/state>$/m.test(xml) ? ["--paused"] : [];
      await next.check(["virsh", "snapshot-revert", clone, name, ...paused]);
      const select = ["-U", "-f", "qcow2", "-O", "raw", "-l", `snapshot.name=${name}`] as const;
      await old.host.check(["qemu-img", "convert", ...select, manifest.disks[0]!.source.path, raw]);
      await copyFile(old.host.path(raw), next.path(raw));
      try {
        const image = `${folderOf(clone)}/vda.qcow2`;
        await assertSameContent(next, { path: raw, format: "raw" }, { path: image, format: "qcow2" });
      } finally {
        for (const host of [old.host, next]) await rm(host.path(raw), { force: true });
      }
    }
  }

  it("says what is wrong with a machine that is too new for the host", async () => {
    const subject = subjectVm("too-new", { running: false });
    await makeSubject(next, subject);
    const place = ["--store", store, "--ssh-config", old.lab.sshConfig];
    assert.equal((await runBackup(["hv1/too-new", ...place])).code, 0);
    await removeSubject(next, subject);
    const args = ["hv1/too-new", ...place, "--to", "old", "--dry-run"];
    const { code, stderr } = await runBackup(args, { command: "restore" });
    assert.equal(code, 3);
    assert.match(stderr, /cannot run machine "pc-i440fx-\d+\.\d+": .*\(choose another host with --to\)$/m);
  });

  it("is not brought back as itself on one host while it is on another", async () => {
    // Unlike those of the lab's kinds, its name is nowhere on the other host.
    const subject = subjectVm("elsewhere-too");
    const { name } = subject;
    await makeSubject(old.host, subject);
    const place = ["--store", store, "--ssh-config", old.lab.sshConfig];
    assert.equal((await runBackup([`old/${name}`, ...place])).code, 0);
    const folder = `/srv/${name}`;
    await next.check(["mkdir", folder]);
    const inventory = join(scratch.directory, "hosts.yaml");
    await writeFile(inventory, "groups: { all: { hosts: { old: {}, hv1: {} } } }\n");
    const flags = ["--inventory", inventory, "--to", "hv1", "--as-original", "--dry-run"];
    const refused = await restore(name, ...flags);
    assert.equal(refused.code, 3);
    assert.match(refused.stderr, new RegExp(`host "old" has VM "${name}" \\(\\S+\\), which is not shut off`));
    await old.host.check(["virsh", "destroy", "--domain", name]);
    const off = await restore(name, ...flags);
    assert.equal(off.code, 3);
    assert.match(off.stderr, /host "old" has VM .*, shut off/);
    const forced = await restore(name, ...flags, "--force");
    assert.equal(forced.code, 0, forced.stderr);
    assert.match(forced.stdout + forced.stderr, /must never run at once/);
    await removeSubject(old.host, subject);
    await next.check(["rmdir", folder]);
  });

  for (const { name, disks } of kinds.filter(isOnDevice)) {
    const path = `/dev/lab/${disks[0]?.blockDevice ?? ""}`;
    const overwrite = ["--as-original", "--overwrite-device", path, "--start"];

    it(`brings ${name} back onto a device of another generation`, async () => {
      await old.host.run(["virsh", "destroy", "--domain", name]);
      const device = await makeHostDevice(next, disks[0]?.blockDevice ?? "", 65);
      try {
        await next.check(["touch", serialLog(name)]);
        const serial = await watchSerial(next, name);
        const { code, stderr } = await restore(name, "--to", "hv1", ...overwrite);
        assert.equal(code, 0, stderr);
        await assertGoesOn(serial, await backupOf(name));
      } finally {
        await next.run(["virsh", "destroy", "--domain", name]);
        await next.run(["virsh", "undefine", "--domain", name]);
        await removeHostDevice(device);
      }
    });

    it(`brings ${name} back onto its device after both were lost`, async () => {
      const { host } = old;
      await host.run(["virsh", "destroy", "--domain", name]);
      await host.check(["virsh", "undefine", "--domain", name]);
      await fillWithGarbage({ host, node: path });
      const serial = await watchSerial(host, name);
      const { code, stderr } = await restore(name, ...overwrite);
      assert.equal(code, 0, stderr);
      await assertGoesOn(serial, await backupOf(name));
      await host.check(["virsh", "destroy", "--domain", name]);
    });
  }

  /** Its guest writes on behind the last number of the copy, and finds nothing missing before it. */
  async function assertGoesOn(serial: SerialLine, backup: FoundBackup): Promise<void> {
    const first = (await lastNumber(backup)) + 1;
    await serial.waitFor(new RegExp(`^SEQ ${first + 2}\\r?$`, "m"));
    const text = await serial.text();
    assert.equal(Number(/^SEQ (\d+)\r?\n/m.exec(text)?.[1]), first);
    assert.doesNotMatch(text, /GAP|IOERROR/);
  }

  for (const { name, disks } of kinds.filter((kind) => !isOnDevice(kind))) {
    thorough(`brings ${name} back as itself after it was lost`, async () => {
      const { host } = old;
      const backup = await backupOf(name);
      const uuid = await host.check(["virsh", "domuuid", `--domain=${name}`]);
      await host.run(["virsh", "destroy", "--domain", name]);
      await host.check(["virsh", "undefine", "--snapshots-metadata", "--nvram", "--domain", name]);
      // What others share stays.
      for (const disk of disks.filter(isOwn)) await host.check(["rm", "--", disk.path]);
      await host.check(["touch", serialLog(name)]);
      const serial = await watchSerial(host, name);
      const { code, stderr } = await restore(name, "--as-original", "--start");
      assert.equal(code, 0, stderr);
      assert.equal(await host.check(["virsh", "domuuid", `--domain=${name}`]), uuid);
      await assertGoesOn(serial, backup);
      const snapshots = await host.check(["virsh", "snapshot-list", "--name", "--domain", name]);
      const expected = backup.manifest.snapshots.order.map((snapshot) => snapshot.name).toSorted();
      assert.deepEqual(snapshots.split("\n").filter(Boolean).toSorted(), expected);
      await host.check(["virsh", "destroy", "--domain", name]);
    });
  }
});

type Disk = ReturnType<typeof vmKind>["disks"][number];

function isOwn({ readonly, shareable, device }: Disk): boolean {
  return readonly !== true && shareable !== true && device === undefined;
}

/** How files of a clone are named after a VM. */
function plainName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9.-]+/g, "_");
}

function isOnDevice({ disks }: { readonly disks: readonly Disk[] }): boolean {
  return disks.some(({ blockDevice }) => blockDevice !== undefined);
}
