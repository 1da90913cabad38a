// Overlays of which no guard knows any more: taken up by a new one, which undoes them by the rules of any other.

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { adoptStrayVm } from "../../lib/guard/recover-host.ts";
import type { Recovered } from "../../lib/guard/recover-host.ts";
import { localShell } from "../support/local-shell.ts";
import { writesIn } from "../support/fake-virsh.ts";
import { guardCase } from "./guard-case.ts";
import { traces, type GuardedVm } from "./guarded-vm.ts";

/** What `virtfold recover` does once it has found the overlays. */
function adopt(vm: GuardedVm, { thawsGuest = false, backupId = vm.backupId } = {}): Promise<Recovered> {
  const { uuid, disks, environment } = vm;
  const owner = { vm: "web", uuid, backupId, uri: "fake:///", controller: "tester@here pid 2" };
  const overlays = disks.map(({ target, overlay, path, format }) => ({
    ...{ target, overlayPath: overlay, basePath: path, baseFormat: format, baseSource: "file" as const },
  }));
  const stray = { ...owner, overlays, inactiveXml: vm.definition(), thawsGuest };
  return adoptStrayVm(localShell({ environment }), stray, () => undefined);
}

/** A snapshot was taken, the guest writes on, and the guard's folder is gone. */
async function loseGuard(vm: GuardedVm): Promise<void> {
  for (const { target, overlay } of vm.disks) {
    vm.hypervisor.virsh(
      ...["snapshot-create-as", vm.uuid, "x", "--disk-only", "--diskspec", `${target},file=${overlay}`],
    );
  }
  vm.write("in the window");
  assert.ok(!existsSync(vm.folder));
}

const twoDisks = { targets: ["vda", "vdb"], imageFolder: "it's <a> folder & more" } as const;

guardCase("a running VM whose guard is gone is folded back", twoDisks, async (vm) => {
  await loseGuard(vm);
  const { left, receipt } = await adopt(vm);
  assert.deepEqual(left, []);
  assert.equal(receipt?.backupId, vm.backupId);
  assert.equal(traces(vm), undefined);
});

guardCase("a VM that was shut off and whose guard is gone is folded back", twoDisks, async (vm) => {
  await loseGuard(vm);
  vm.hypervisor.virsh("destroy", vm.uuid);
  assert.deepEqual((await adopt(vm)).left, []);
  assert.equal(traces(vm), undefined);
  // On its own images again, with what its driver was told.
  for (const { driver } of vm.disks) assert.ok(vm.definition().includes(driver ?? ""));
});

guardCase("a frozen guest whose guard is gone is thawed", {}, async (vm) => {
  await loseGuard(vm);
  vm.hypervisor.virsh("domfsfreeze", vm.uuid);
  assert.deepEqual((await adopt(vm, { thawsGuest: true })).left, []);
  assert.ok(!existsSync(`${vm.hypervisor.state}/domains/${vm.uuid}/frozen`));
  assert.equal(traces(vm), undefined);
});

guardCase("a guest without an agent that answers is not asked to thaw", {}, async (vm) => {
  await loseGuard(vm);
  await adopt(vm);
  assert.ok(vm.hypervisor.calls().every((call) => !call.includes("domfsthaw")));
});

guardCase("a block job that runs on our overlay is brought to its end", {}, async (vm) => {
  await loseGuard(vm);
  const [{ path, overlay }] = vm.disks;
  vm.hypervisor.control("ready-after", 3);
  vm.hypervisor.virsh("blockcommit", vm.uuid, "vda", "--active", "--base", path, "--top", overlay);
  assert.deepEqual((await adopt(vm)).left, []);
  assert.equal(traces(vm), undefined);
});

/** A file of our name above a VM's disk, on which the VM does not run. */
function lieAbout(vm: GuardedVm, content = ""): void {
  const [{ overlay, path }] = vm.disks;
  writeFileSync(overlay, `fake qcow2\nbacking qcow2 ${path}\n${content}`);
}

guardCase("an unused overlay that holds nothing is deleted", {}, async (vm) => {
  lieAbout(vm);
  assert.deepEqual((await adopt(vm)).left, []);
  assert.equal(traces(vm, ["first"]), undefined);
});

guardCase("an unused overlay that holds data is kept, whoever took it up", {}, async (vm) => {
  lieAbout(vm, "precious\n");
  const { left, command } = await adopt(vm);
  assert.match(left[0]?.detail ?? "", /holds data and nothing says that it was committed; it is kept/);
  assert.equal(command, `sh ${vm.folder}/guard.sh restore`);
  assert.deepEqual(writesIn(vm.disks[0].overlay), ["precious"]);
});

guardCase("a VM whose controller is at work is not taken up", { leaseSeconds: 60 }, async (vm) => {
  await vm.arm();
  await assert.rejects(adopt(vm, { backupId: "20260101-000000-ffffff" }), /guard-held/);
  await vm.guard("restore");
});

guardCase(
  "a backup that armed its guard after we had looked for guards goes on",
  { leaseSeconds: 60 },
  async (vm) => {
    // What is known of the overlay is its name, and so the very id of the backup that is at work.
    await vm.open();
    const journal = vm.journal();
    await assert.rejects(adopt(vm), /guard-held/);
    assert.deepEqual(vm.journal(), journal);
    assert.equal(readFileSync(`${vm.folder}/state`, "utf8"), "open\n");
    await vm.guard("restore");
    assert.equal(traces(vm), undefined);
  },
);

guardCase("whoever takes a VM up and dies leaves it to a watcher", {}, async (vm) => {
  await loseGuard(vm);
  // Dies with the guard armed and all recorded: the first call of a restore is the last thing that happens.
  vm.hypervisor.hook(
    "before",
    "list.1",
    `[ -e "${vm.folder}/watch.lock" ] && ! flock -n "${vm.folder}/watch.lock" true && : >"${vm.hypervisor.state}/watched"; true`,
  );
  await adopt(vm);
  assert.ok(existsSync(`${vm.hypervisor.state}/watched`), "nobody watched while it was restored");
});
