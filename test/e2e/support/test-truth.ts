// The tests that a backup of any VM must pass, on any generation of libvirt and any runtime.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { guestDiskTemplate } from "../../lab/guest-disk-template.ts";
import type { VmSpec } from "../../lab/vm-spec.ts";
import { assertCopiedSequence } from "./copied-sequence.ts";
import { fileSystemOn, withCopiedFileSystem } from "./copied-file-system.ts";
import { assertUnbroken } from "./guest-log.ts";
import { assertSelfContained, withMovedBackup } from "./moved-backup.ts";
import { assertSameContent } from "./same-content.ts";
import { assertSoundFolder } from "./sound-folder.ts";
import type { TestHost } from "./test-host.ts";
import { assertSaysTheTruth } from "./told-truth.ts";
import { backupOf } from "./witnessed-run.ts";
import type { WitnessedRun } from "./witnessed-run.ts";

/** What has happened before the tests begin. */
export interface RunToTest {
  readonly test: TestHost;
  readonly run: WitnessedRun;
  /** A folder for what is read meanwhile. */
  readonly scratch: string;
}

/** Registers the tests of what a run told, copied and left alone of these VMs. */
export function testTruth(vms: readonly VmSpec[], given: () => RunToTest): void {
  for (const vm of vms) {
    describe(vm.name, () => {
      testFolder(vm, given);
      if (vm.running) testCopyOfRunning(vm, given);
      else testCopyOfShutOff(vm, given);
    });
  }
}

function testFolder({ name }: VmSpec, given: () => RunToTest): void {
  it("is told of in the words of the single-host script", () => {
    const { run } = given();
    assertSaysTheTruth(run.end, backupOf(run, name));
  });

  it("has a folder that is whole, checked, private and as its manifest says", async () => {
    await assertSoundFolder(backupOf(given().run, name));
  });
}

function testCopyOfRunning({ name, disks }: VmSpec, given: () => RunToTest): void {
  it("has a guest that wrote on without a gap, an error or a boot", async () => {
    const { test, run } = given();
    await assertUnbroken(test.host, name, run.wrote.get(name)!.before);
  });

  it("was frozen by its agent, and its copies hold all that it had written by then", async () => {
    const { run, scratch } = given();
    assert.equal(backupOf(run, name).manifest.consistency, "filesystem");
    await assertCopiedSequence(run, name, scratch);
  });

  it("has copies of what lay on its disks all along", async () => {
    const { run, scratch } = given();
    for (const { target, sizeMib, payloadMib } of disks) {
      if (payloadMib === undefined) continue;
      const template = await guestDiskTemplate(sizeMib, payloadMib);
      const expected = await fileSystemOn(template, scratch).readFile("/payload");
      assert.equal(expected.length, payloadMib * 1024 * 1024);
      const disk = { ...backupOf(run, name), target, scratch };
      const copied = await withCopiedFileSystem(disk, (fileSystem) => fileSystem.readFile("/payload"));
      assert.ok(copied.equals(expected), `the payload of ${name} ${target} is another`);
    }
  });

  it("has copies that stand alone in any folder, with lower layers as they were", async () => {
    const { test, run } = given();
    const backup = backupOf(run, name);
    await withMovedBackup(test.host, backup, async (path) => {
      await assertSelfContained(test.host, path, backup);
      for (const { sourcePath, fileName, format } of backup.manifest.disks.flatMap(({ layers }) =>
        layers.slice(1),
      )) {
        await assertSameContent(
          test.host,
          { path: sourcePath, format },
          { path: `${path}/${fileName}`, format },
        );
      }
    });
  });
}

function testCopyOfShutOff({ name }: VmSpec, given: () => RunToTest): void {
  it("has copies that stand alone in any folder, and on which its guest would see the same bytes", async () => {
    const { test, run } = given();
    const backup = backupOf(run, name);
    assert.equal(backup.manifest.consistency, "offline");
    await withMovedBackup(test.host, backup, async (path) => {
      await assertSelfContained(test.host, path, backup);
      for (const { source, format, layers } of backup.manifest.disks) {
        const copy = { path: `${path}/${layers[0]!.fileName}`, format };
        await assertSameContent(test.host, { path: source.path, format }, copy);
      }
    });
  });
}
