// The same truths on three generations of libvirt, QEMU, rsync and OpenSSH.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defineFromBackup } from "../lab/restore-by-hand.ts";
import type { Suite } from "../lab/lab-host.ts";
import { vmKinds } from "../lab/vm-kinds.ts";
import type { VmSpec } from "../lab/vm-spec.ts";
import { assertHostAsBefore } from "./support/host-memory.ts";
import { assertNothingRuns } from "./support/leftovers-here.ts";
import { lendBackups, takeBack } from "./support/lent-store.ts";
import { mixedVm } from "./support/mixed-vm.ts";
import { assertReverts, assertSameTree } from "./support/restored-snapshots.ts";
import { assertDefinedAsWritten, assertGoesOn } from "./support/restored-vm.ts";
import { makeScratchFolder } from "./support/scratch-folder.ts";
import type { ScratchFolder } from "./support/scratch-folder.ts";
import { openTestHost } from "./support/test-host.ts";
import type { TestHost } from "./support/test-host.ts";
import { testTruth } from "./support/test-truth.ts";
import { isThorough } from "./support/thorough.ts";
import { backupOf, witnessRun } from "./support/witnessed-run.ts";
import type { WitnessedRun } from "./support/witnessed-run.ts";

const skip = process.getuid?.() === 0 ? false : "needs root";
const { snaptree, off } = vmKinds;
const vms: readonly VmSpec[] = [snaptree, off, mixedVm];
const names = vms.map(({ name }) => name);

interface Generation {
  readonly name: string;
  readonly suite: Suite;
  readonly libvirt: RegExp;
}

const generations: readonly Generation[] = [
  { name: "old", suite: "bullseye", libvirt: /^7\.0\./ },
  { name: "mid", suite: "bookworm", libvirt: /^9\.0\./ },
  { name: "new", suite: "trixie", libvirt: /^11\.3\./ },
];

/** The fleet test has hosts of all three, too. */
for (const generation of isThorough ? generations : generations.slice(0, 1)) {
  describe(`a backup of a whole ${generation.suite} host`, { skip }, () => testGeneration(generation));
}

function testGeneration({ name, suite, libvirt }: Generation): void {
  let scratch: ScratchFolder;
  let test: TestHost;
  let run: WitnessedRun;

  before(async () => {
    scratch = await makeScratchFolder();
    test = await openTestHost(name, ["snaptree", "off"], suite);
    await test.host.defineVm(mixedVm);
    await test.host.waitForGuest(mixedVm.name);
    run = await witnessRun(test, names, {
      store: test.lab.storeDirectory,
      environment: { TMPDIR: scratch.directory },
    });
  });

  // Its guests would take time from those of the next generation.
  after(async () => {
    await test?.host.kill();
    await scratch?.remove();
  });

  it("is done, with the versions that it is about", () => {
    assert.equal(run.end.code, 0, run.end.stderr + run.end.stdout);
    for (const vm of names) assert.match(backupOf(run, vm).manifest.host.versions.libvirt ?? "", libvirt);
  });

  it("leaves the host as it was: same processes, definitions, images and snapshots, and nothing of ours", async () => {
    await assertHostAsBefore(test.host, run.memory);
    await assertNothingRuns(test, scratch.directory);
  });

  testTruth(vms, () => ({ test, run, scratch: scratch.directory }));
  testRestore(() => ({ test, run, scratch: scratch.directory }));
}

function testRestore(given: () => { test: TestHost; run: WitnessedRun; scratch: string }): void {
  describe("restored by hand", { concurrency: 2 }, () => {
    before(async () => {
      const { test, run } = given();
      await lendBackups(test, [...run.backups.values()]);
      for (const name of names) await test.host.run(["virsh", "destroy", name]);
    });
    after(async () => {
      await takeBack(given().test);
    });

    it("mixed boots from its copies and goes on writing", async () => {
      const { test, run, scratch } = given();
      const backup = backupOf(run, mixedVm.name);
      await defineFromBackup(test.host, backup);
      await assertDefinedAsWritten(test.host, backup);
      const start = (): Promise<string> => test.host.check(["virsh", "start", backup.manifest.newName]);
      await assertGoesOn(test.host, backup, { start, scratch });
    });

    it("snaptree has its snapshots, boots, and goes back to each of them", async () => {
      const { test, run, scratch } = given();
      const backup = backupOf(run, snaptree.name);
      const { newName, snapshots } = backup.manifest;
      await defineFromBackup(test.host, backup);
      await assertDefinedAsWritten(test.host, backup);
      await assertSameTree(test.host, backup);
      assert.equal(snapshots.order.length, snaptree.snapshots.steps.length);
      const start = (): Promise<string> => test.host.check(["virsh", "start", newName]);
      await assertGoesOn(test.host, backup, { start, scratch });
      for (const { name } of snapshots.order)
        await assertReverts(test.host, backup, { snapshot: name, scratch });
    });
  });
}
