// thaw-guest: the guest must not stay frozen, whatever else goes wrong.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { guardCase } from "./guard-case.ts";
import { traces } from "./guarded-vm.ts";
import type { GuardedVm } from "./guarded-vm.ts";

const isFrozen = (vm: GuardedVm) => existsSync(join(vm.hypervisor.state, "domains", vm.uuid, "frozen"));
const asksAgent = (vm: GuardedVm) => vm.hypervisor.calls().some((call) => call.includes("domfsthaw"));

/** Frozen by a backup that got no further. */
async function freeze(vm: GuardedVm): Promise<void> {
  if (!existsSync(vm.folder)) await vm.arm();
  await vm.guard("record", "thaw-guest", vm.uuid);
  await vm.guard("change", "virsh", "domfsfreeze", vm.uuid);
  assert.ok(isFrozen(vm));
}

guardCase("a frozen guest is thawed before its disks are folded", {}, async (vm) => {
  await vm.prepare();
  await freeze(vm);
  await vm.snapshot();
  assert.equal((await vm.guard("restore")).code, 0);
  assert.equal(traces(vm, ["first"]), undefined);
  const calls = vm.hypervisor.calls().map((call) => call.split(" ")[1]);
  assert.ok(calls.indexOf("domfsthaw") < calls.indexOf("blockcommit"));
});

guardCase("an agent that answers late is asked again", {}, async (vm) => {
  await freeze(vm);
  vm.hypervisor.control("thaw-fails", 2);
  assert.equal((await vm.guard("restore")).code, 0);
  assert.ok(!isFrozen(vm));
});

guardCase("a libvirt that answers late is asked again", {}, async (vm) => {
  await freeze(vm);
  vm.hypervisor.control("silent", 3);
  assert.equal((await vm.guard("restore")).code, 0);
  assert.ok(!isFrozen(vm));
});

const impatient = { VIRTFOLD_THAW_SECONDS: "0" };
guardCase(
  "an agent that never answers is left, and the disks are folded",
  { settings: impatient },
  async (vm) => {
    await vm.prepare();
    await freeze(vm);
    await vm.snapshot();
    vm.hypervisor.control("thaw-fails", 1000);
    const { code, stdout } = await vm.guard("restore");
    assert.equal(code, 4);
    assert.match(
      stdout,
      /^left\tthaw-guest\tthe guest agent did not thaw .*not available for now\nfolded\tvda\nstuck\n$/,
    );
    vm.hypervisor.control("thaw-fails", 0);
    assert.equal((await vm.guard("restore")).code, 0);
    assert.ok(!isFrozen(vm));
  },
);

guardCase(
  "a guest that was paused for want of room is thawed once it goes on, without waiting for that before",
  { everyShell: true, settings: { VIRTFOLD_THAW_SECONDS: "60" } },
  async (vm) => {
    await vm.arm();
    await vm.guard("record", "resume-guest", vm.uuid);
    await vm.guard("record", "fold-overlay", vm.uuid, "vda", vm.disks[0].overlay, vm.disks[0].path);
    await freeze(vm);
    await vm.snapshot();
    vm.hypervisor.virsh("fake-pause", vm.uuid, "I/O error");
    const since = performance.now();
    assert.equal((await vm.guard("restore")).stdout, "folded\tvda\nrestored\n");
    assert.ok(performance.now() - since < 30_000, "it waited for a guest that could not answer");
    assert.ok(!isFrozen(vm));
  },
);

guardCase(
  "a guest that cannot go on stays frozen, and both are told",
  { settings: { ...impatient, VIRTFOLD_BUSY_SECONDS: "1" } },
  async (vm) => {
    await vm.arm();
    await vm.guard("record", "resume-guest", vm.uuid);
    await freeze(vm);
    vm.hypervisor.virsh("fake-pause", vm.uuid, "I/O error");
    vm.hypervisor.control("resume-fails", 1000);
    const { code, stdout } = await vm.guard("restore");
    assert.equal(code, 4);
    assert.match(stdout, /^left\tresume-guest\t.*\nleft\tthaw-guest\t.*\nstuck\n$/);
    vm.hypervisor.control("resume-fails", 0);
    assert.equal((await vm.guard("restore")).code, 0);
    assert.ok(!isFrozen(vm));
  },
);

guardCase("a guest that was shut off needs no thaw", {}, async (vm) => {
  await freeze(vm);
  vm.hypervisor.virsh("destroy", vm.uuid);
  assert.equal((await vm.guard("restore")).code, 0);
  assert.ok(!asksAgent(vm));
});

guardCase("a thaw that is settled is not repeated, but one recorded later is made", {}, async (vm) => {
  await vm.arm();
  await vm.guard("record", "thaw-guest", vm.uuid);
  assert.equal((await vm.guard("settle", "thaw-guest")).code, 0);
  await vm.guard("record", "thaw-guest", vm.uuid);
  await vm.guard("change", "virsh", "domfsfreeze", vm.uuid);
  assert.equal((await vm.guard("restore")).code, 0);
  assert.ok(!isFrozen(vm));

  await vm.arm();
  await vm.guard("record", "thaw-guest", vm.uuid);
  await vm.guard("settle", "thaw-guest");
  const before = vm.hypervisor.calls().length;
  assert.equal((await vm.guard("restore")).code, 0);
  assert.equal(vm.hypervisor.calls().length, before);
});
