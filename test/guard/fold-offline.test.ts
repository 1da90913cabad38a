// fold-overlay when the guest went away inside the window, or comes and goes while the host is restored.

import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writesIn } from "../support/fake-virsh.ts";
import { domainXml } from "../support/fake-virsh-xml.ts";
import { guardCase } from "./guard-case.ts";
import { traces } from "./guarded-vm.ts";
import type { GuardedVm } from "./guarded-vm.ts";

guardCase(
  "restore folds a guest that was shut off",
  { everyShell: true, targets: ["vda", "vdb"] },
  async (vm) => {
    const before = vm.definition();
    await vm.open();
    vm.hypervisor.virsh("destroy", vm.uuid);
    assert.equal((await vm.guard("restore")).stdout, "folded\tvdb\nfolded\tvda\nrestored\n");
    assert.equal(traces(vm), undefined);
    assert.equal(vm.definition(), before);
  },
);

guardCase("restore keeps what was changed in the definition meanwhile", {}, async (vm) => {
  await vm.open();
  const edited = (xml: string) => xml.replace("as it was", "edited <").replace(">1</vcpu>", ">4</vcpu>");
  const original = vm.hypervisor.xml(vm.uuid, "inactive")!;
  defineText(vm, edited(original).replace("edited <", "edited &lt;"));
  vm.hypervisor.virsh("destroy", vm.uuid);
  assert.equal((await vm.guard("restore")).code, 0);
  assert.equal(traces(vm), undefined);
  const plain = domainXml(
    { uuid: vm.uuid, name: "web", description: "edited <", disks: vm.disks },
    "inactive",
  );
  assert.equal(vm.definition(), plain.replace(">1</vcpu>", ">4</vcpu>"));
});

/** Ends in what a person must look at: the overlay, the definition and the base are as they were. */
async function mustTouchNothing(vm: GuardedVm, why: RegExp): Promise<void> {
  const [{ path, overlay }] = vm.disks;
  const before = [vm.definition(), writesIn(path), writesIn(overlay)];
  const { code, stdout } = await vm.guard("restore");
  assert.equal(code, 4, stdout);
  assert.match(stdout, why);
  assert.deepEqual([vm.definition(), writesIn(path), writesIn(overlay)], before);
}

guardCase("restore touches nothing of a VM that was undefined", {}, async (vm) => {
  await vm.open();
  vm.hypervisor.virsh("destroy", vm.uuid);
  vm.hypervisor.virsh("undefine", vm.uuid);
  await mustTouchNothing(
    vm,
    /^left\tfold-overlay\tvda: the VM is no longer defined on this host; its overlay /,
  );
});

guardCase("restore touches nothing of a VM that was renamed", {}, async (vm) => {
  await vm.open();
  vm.hypervisor.virsh("destroy", vm.uuid);
  vm.hypervisor.virsh("domrename", vm.uuid, "web2");
  await mustTouchNothing(vm, /^left\tfold-overlay\tvda: the VM has been renamed since; /);
});

guardCase("restore touches nothing of a VM that was migrated away", {}, async (vm) => {
  await vm.open();
  vm.hypervisor.virsh("fake-migrate", vm.uuid);
  await mustTouchNothing(vm, /^left\tfold-overlay\tvda: the VM was migrated to another host /);
});

guardCase("restore touches nothing of a VM whose saved state needs the overlay", {}, async (vm) => {
  await vm.open();
  vm.hypervisor.virsh("managedsave", vm.uuid);
  // As after a reboot of the host.
  writeFileSync(join(vm.hypervisor.state, "domains", vm.uuid, "reason"), "unknown\n");
  await mustTouchNothing(
    vm,
    /^left\tfold-overlay\tvda: the VM is saved to disk together with .*: start it, then/,
  );
  vm.hypervisor.virsh("start", vm.uuid);
  assert.equal((await vm.guard("restore")).code, 0);
  assert.equal(traces(vm), undefined);
});

guardCase("restore touches nothing when the definition has an image on top of ours", {}, async (vm) => {
  await vm.open();
  vm.hypervisor.virsh("destroy", vm.uuid);
  vm.hypervisor.virsh("fake-overlay", vm.uuid, "vda", join(vm.hypervisor.directory, "foreign.qcow2"));
  await mustTouchNothing(vm, /^left\tfold-overlay\tvda: another image lies on top of /);
});

guardCase("restore touches nothing when somebody else's image lies under our overlay", {}, async (vm) => {
  await vm.prepare();
  vm.hypervisor.virsh("fake-overlay", vm.uuid, "vda", join(vm.hypervisor.directory, "foreign.qcow2"));
  assert.equal((await vm.snapshot()).code, 0);
  vm.hypervisor.virsh("destroy", vm.uuid);
  await mustTouchNothing(
    vm,
    /^left\tfold-overlay\tvda: .* lies on .*foreign\.qcow2 and not on .*; all are kept/,
  );
});

guardCase("restore sees an image on top of ours of which the definition does not tell", {}, async (vm) => {
  await vm.prepare();
  await vm.snapshot();
  vm.hypervisor.virsh("destroy", vm.uuid);
  const foreign = join(vm.hypervisor.directory, "images", "other's & own.qcow2");
  vm.hypervisor.virsh("fake-overlay", vm.uuid, "vda", foreign);
  const disks = [{ target: "vda", format: "qcow2" as const, path: foreign }];
  defineText(vm, domainXml({ uuid: vm.uuid, name: "web", disks }, "inactive"));
  await mustTouchNothing(vm, /^left\tfold-overlay\tvda: .*other's & own.qcow2 is based on .*; both are kept/);
});

guardCase("restore folds live when the guest starts before the offline commit", {}, async (vm) => {
  await vm.open();
  vm.hypervisor.virsh("destroy", vm.uuid);
  vm.hypervisor.hook("before", "commit.1", `virsh start ${vm.uuid}`);
  assert.equal((await vm.guard("restore")).code, 0);
  assert.equal(traces(vm), undefined);
});

const writesMore = (vm: GuardedVm) => `virsh start ${vm.uuid}; virsh fake-write ${vm.uuid} vda more`;

guardCase("nothing is lost when the guest starts right after the offline commit", {}, async (vm) => {
  await vm.open();
  vm.hypervisor.virsh("destroy", vm.uuid);
  vm.hypervisor.hook("after", "commit.1", writesMore(vm));
  assert.equal((await vm.guard("restore")).code, 0);
  assert.equal(traces(vm, ["first", "in the window", "more"]), undefined);
});

guardCase("nothing is lost when the guest starts before the definition is put right", {}, async (vm) => {
  await vm.open();
  vm.hypervisor.virsh("destroy", vm.uuid);
  vm.hypervisor.hook("before", "define.1", writesMore(vm));
  assert.equal((await vm.guard("restore")).code, 0);
  assert.equal(traces(vm, ["first", "in the window", "more"]), undefined);
});

guardCase("nothing is lost when it even stops again before that", {}, async (vm) => {
  await vm.open();
  vm.hypervisor.virsh("destroy", vm.uuid);
  vm.hypervisor.hook("before", "define.1", `${writesMore(vm)}; virsh destroy ${vm.uuid}`);
  const { code, stdout } = await vm.guard("restore");
  assert.equal(code, 4);
  assert.match(
    stdout,
    /^left\tfold-overlay\tvda: .* holds data and nothing says that it was committed; it is kept/,
  );
  assert.deepEqual(writesIn(vm.disks[0].overlay), ["in the window", "more"]);
});

guardCase(
  "a failing offline commit leaves all as it is, and is repeated by the next restore",
  {},
  async (vm) => {
    await vm.open();
    vm.hypervisor.virsh("destroy", vm.uuid);
    vm.hypervisor.control("commit-offline-fails", 1);
    await mustTouchNothing(
      vm,
      /^left\tfold-overlay\tvda: qemu-img commit failed: error: block job failed: No space left/,
    );
    assert.equal((await vm.guard("restore")).code, 0);
    assert.equal(traces(vm), undefined);
  },
);

guardCase("a definition that cannot be put right keeps its overlay", {}, async (vm) => {
  await vm.open();
  vm.hypervisor.virsh("destroy", vm.uuid);
  vm.hypervisor.control("define-fails", 1);
  const { stdout } = await vm.guard("restore");
  assert.match(
    stdout,
    /^left\tfold-overlay\tvda: virsh define failed: error: internal error: cannot write the defi/,
  );
  assert.ok(existsSync(vm.disks[0].overlay));
  assert.equal((await vm.guard("restore")).code, 0);
  assert.equal(traces(vm), undefined);
});

guardCase("half a definition is not taken for one without the overlay", {}, async (vm) => {
  await vm.prepare();
  await vm.snapshot();
  vm.hypervisor.virsh("destroy", vm.uuid);
  vm.hypervisor.control("truncated", 100);
  await mustTouchNothing(vm, /^left\tfold-overlay\tvda: virsh dumpxml failed/);
});

function defineText(vm: GuardedVm, xml: string): void {
  const file = join(vm.hypervisor.directory, "edited.xml");
  writeFileSync(file, xml);
  vm.hypervisor.virsh("define", file);
}
