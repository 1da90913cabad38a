// remove-clone: a clone made on the host goes, nothing else does.

import assert from "node:assert/strict";
import { closeSync, existsSync, openSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { guardCase } from "./guard-case.ts";
import { traces, type GuardedVm } from "./guarded-vm.ts";

const cloneOf = (vm: GuardedVm): string =>
  join(dirname(vm.disks[0].path), `vda.virtfold-${vm.backupId}.clone`);

async function record(vm: GuardedVm, clone = cloneOf(vm)): Promise<void> {
  await vm.arm();
  const { code, stderr } = await vm.guard("record", "remove-clone", vm.uuid, clone);
  assert.equal(code, 0, stderr);
}

guardCase(
  "a clone is removed, once and again, whether it was made or not",
  { everyShell: true },
  async (vm) => {
    for (const isMade of [true, false]) {
      await record(vm);
      if (isMade) writeFileSync(cloneOf(vm), "data");
      assert.equal((await vm.guard("restore")).stdout, "restored\n");
      assert.ok(!existsSync(cloneOf(vm)));
    }
    assert.equal(traces(vm, ["first"]), undefined);
  },
);

guardCase(
  "a clone that the VM uses, or that is open, is kept and reported",
  { settings: { VIRTFOLD_CLOSE_SECONDS: "1" } },
  async (vm) => {
    const clone = cloneOf(vm);
    await record(vm);
    writeFileSync(clone, "fake qcow2\nbacking -\n");
    const file = openSync(clone, "r");
    assert.match(
      (await vm.guard("restore")).stdout,
      /^left\tremove-clone\ta process still has .* open; it is kept$/m,
    );
    closeSync(file);
    vm.hypervisor.virsh("fake-overlay", vm.uuid, "vda", clone);
    assert.match((await vm.guard("restore")).stdout, /^left\tremove-clone\tthe VM uses .*; it is kept$/m);
    assert.ok(existsSync(clone));
  },
);

guardCase("what is no plain file is kept", {}, async (vm) => {
  await record(vm);
  symlinkSync(vm.disks[0].path, cloneOf(vm));
  assert.match(
    (await vm.guard("restore")).stdout,
    /^left\tremove-clone\t.* is not a plain file; it is kept$/m,
  );
});

guardCase("what is not called a clone of ours cannot be recorded", { everyShell: true }, async (vm) => {
  await vm.arm();
  for (const path of [
    vm.disks[0].path,
    vm.disks[0].overlay,
    "relative.virtfold-x.clone",
    "/a/b.virtfold-x.clone b",
  ]) {
    assert.equal((await vm.guard("record", "remove-clone", vm.uuid, path)).code, 2, path);
  }
  assert.deepEqual(vm.journal(), []);
});
