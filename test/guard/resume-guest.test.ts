// resume-guest: a guest that an I/O error paused in the window goes on, one that a person paused does not.

import assert from "node:assert/strict";
import { guardCase } from "./guard-case.ts";
import { traces, type GuardedVm } from "./guarded-vm.ts";

async function openWithResume(vm: GuardedVm): Promise<void> {
  await vm.arm();
  await vm.guard("record", "resume-guest", vm.uuid);
  for (const { target, overlay, path } of vm.disks) {
    await vm.guard("record", "fold-overlay", vm.uuid, target, overlay, path);
  }
  await vm.snapshot();
  vm.write("in the window");
}

const resumes = (vm: GuardedVm): number =>
  vm.hypervisor.calls().filter((call) => call.startsWith("virsh resume")).length;
const stateOf = (vm: GuardedVm): string => vm.hypervisor.virsh("domstate", "--reason", vm.uuid).trim();

guardCase(
  "a guest paused by an I/O error goes on once its disk is folded",
  { everyShell: true },
  async (vm) => {
    await openWithResume(vm);
    vm.hypervisor.virsh("fake-pause", vm.uuid, "I/O error");
    vm.hypervisor.hook("before", "resume", '[ ! -e "$VIRTFOLD_FAKE_LIBVIRT"/domains/*/jobs/* ]');
    assert.equal((await vm.guard("restore")).stdout, "folded\tvda\nrestored\n");
    assert.equal(stateOf(vm), "running (booted)");
    const calls = vm.hypervisor.calls().map((call) => call.split(" ")[1]);
    assert.ok(calls.indexOf("resume") > calls.lastIndexOf("blockjob"));
    assert.equal(traces(vm), undefined);
  },
);

guardCase("a guest that a person paused stays paused", {}, async (vm) => {
  await openWithResume(vm);
  vm.hypervisor.virsh("fake-pause", vm.uuid, "user");
  await vm.guard("restore");
  assert.equal(stateOf(vm), "paused (user)");
  assert.equal(resumes(vm), 0);
});

guardCase("a guest that runs, or is shut off, needs nothing", {}, async (vm) => {
  await openWithResume(vm);
  await vm.guard("restore");
  await openWithResume(vm);
  vm.hypervisor.virsh("destroy", vm.uuid);
  assert.equal((await vm.guard("restore")).code, 0);
  assert.equal(resumes(vm), 0);
});

guardCase(
  "a resume that fails is tried again, and is left when it goes on failing",
  { settings: { VIRTFOLD_BUSY_SECONDS: "2" } },
  async (vm) => {
    await openWithResume(vm);
    vm.hypervisor.virsh("fake-pause", vm.uuid, "I/O error");
    vm.hypervisor.control("resume-fails", 1000);
    const { code, stdout } = await vm.guard("restore");
    assert.equal(code, 4);
    assert.match(stdout, /^left\tresume-guest\tthe guest is paused by an I\/O error and does not go on: /m);
    vm.hypervisor.control("resume-fails", 2);
    assert.equal((await vm.guard("restore")).stdout, "folded\tvda\nrestored\n");
    assert.equal(stateOf(vm), "running (booted)");
  },
);
