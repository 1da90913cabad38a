// One run over a whole hypervisor, and then: is what it says, what it copied and what it left behind the truth?

import assert from "node:assert/strict";
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { vmKindNames, vmKinds } from "../lab/vm-kinds.ts";
import type { VmSpec } from "../lab/vm-spec.ts";
import { bootOnce, variablesOf } from "./support/boot-once.ts";
import { assertUnbroken } from "./support/guest-log.ts";
import { assertHostAsBefore } from "./support/host-memory.ts";
import { assertNothingRuns } from "./support/leftovers-here.ts";
import { withMovedBackup } from "./support/moved-backup.ts";
import { makeQuietVm, quietVm, removeQuietVm } from "./support/quiet-vm.ts";
import { assertSameContent } from "./support/same-content.ts";
import { makeScratchFolder } from "./support/scratch-folder.ts";
import type { ScratchFolder } from "./support/scratch-folder.ts";
import { openTestHost } from "./support/test-host.ts";
import type { TestHost } from "./support/test-host.ts";
import { testTruth } from "./support/test-truth.ts";
import { backupOf, witnessRun } from "./support/witnessed-run.ts";
import type { WitnessedRun } from "./support/witnessed-run.ts";

const skip = process.getuid?.() === 0 ? false : "needs root";
const kinds: readonly VmSpec[] = Object.values(vmKinds);
const names = kinds.map(({ name }) => name);

describe("a backup of a whole host", { skip }, () => {
  let scratch: ScratchFolder;
  let temporary: string;
  let test: TestHost;
  let run: WitnessedRun;

  before(async () => {
    scratch = await makeScratchFolder();
    temporary = join(scratch.directory, "tmp");
    await mkdir(temporary);
    test = await openTestHost("hv1", vmKindNames);
    await bootOnce(test.host, "uefi");
    const environment = { TMPDIR: temporary };
    run = await witnessRun(test, names, { store: test.lab.storeDirectory, environment });
  });
  after(async () => scratch?.remove());

  it("ends as degraded, because one VM has a shared and a read-only disk", () => {
    assert.equal(run.end.code, 5, run.end.stderr + run.end.stdout);
    assert.match(run.end.stdout, /^10 of 10 VMs backed up$/m);
    assert.match(run.end.stdout, /^hv1\/data +degraded .* offline$/m);
    assert.match(run.end.stdout, /^! hv1\/data: Skipping vdb \(.*data-readonly\.raw\): it is read-only$/m);
    assert.match(run.end.stdout, /^! hv1\/data: Skipping vdc \(.*data-shared\.raw\): it is shared/m);
    // A long name has a line of its own.
    assert.equal(run.end.stdout.match(/^(?:hv1\/.*)? +ok .*$/gm)?.length, 9);
  });

  it("leaves the host as it was: same processes, definitions, images and snapshots, and nothing of ours", async () => {
    await assertHostAsBefore(test.host, run.memory);
  });

  it("leaves no process, no session and no socket behind", async () => {
    await assertNothingRuns(test, temporary);
  });

  testTruth(kinds, () => ({ test, run, scratch: scratch.directory }));

  it("copies the UEFI variables", async () => {
    const { folder, manifest } = backupOf(run, "uefi");
    const nvram = manifest.bootFiles.find(({ role }) => role === "nvram");
    assert.equal(nvram?.sourcePath, variablesOf("uefi"));
    await test.host.check(["cmp", nvram.sourcePath, join(folder, nvram.fileName)]);
  });

  it("keeps a sparse raw image sparse", async () => {
    const { folder } = backupOf(run, "data");
    const { size, blocks } = await stat(join(folder, "vda.raw"));
    assert.equal(size, 1536 * 1024 * 1024);
    assert.ok(blocks * 512 < 20 * 1024 * 1024, `it takes ${blocks * 512} bytes`);
  });
});

describe("a backup of a VM that runs, against its disks of the same moment", { skip }, () => {
  const { name, disks } = quietVm;
  let scratch: ScratchFolder;
  let test: TestHost;

  before(async () => {
    scratch = await makeScratchFolder();
    test = await openTestHost("hv1", []);
    await makeQuietVm(test.host);
  });
  after(async () => {
    if (test !== undefined) await removeQuietVm(test.host);
    await scratch?.remove();
  });

  async function backUpAndCompare(targets: readonly string[]): Promise<WitnessedRun> {
    const run = await witnessRun(test, [name], { store: await scratch.newStore(), vm: name });
    assert.equal(run.end.code, 0, run.end.stderr);
    const backup = backupOf(run, name);
    await withMovedBackup(test.host, backup, async (folder) => {
      for (const { target, path, format } of disks.filter((disk) => targets.includes(disk.target))) {
        await assertSameContent(
          test.host,
          { path, format },
          { path: `${folder}/${target}.${format}`, format },
        );
      }
    });
    return run;
  }

  it("has the same bytes of a disk that nobody wrote to meanwhile", async () => {
    const run = await backUpAndCompare(["vdb"]);
    await assertHostAsBefore(test.host, run.memory);
  });

  it("has the same bytes of every disk when the guest stood still all the time, and leaves it standing", async () => {
    await test.host.check(["virsh", "suspend", name]);
    const stoodAt = await test.host.guestSequence(name);
    const run = await backUpAndCompare(["vda", "vdb"]);
    assert.equal(backupOf(run, name).manifest.consistency, "crash");
    assert.match(run.end.stderr, /Snapshot taken, crash-consistent \(the VM is paused\)/);
    await assertHostAsBefore(test.host, run.memory);
    await test.host.check(["virsh", "resume", name]);
    await test.host.waitForGuest(name);
    await assertUnbroken(test.host, name, stoodAt);
  });
});
