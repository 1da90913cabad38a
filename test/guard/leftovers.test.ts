// list.sh and what is read of it: guards of every state, those of other versions, and hostile lines.

import assert from "node:assert/strict";
import { appendFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { findGuards, parseGuardReport } from "../../lib/guard/leftovers.ts";
import { isHeld, type GuardReport } from "../../lib/model/guard.ts";
import { localShell } from "../support/local-shell.ts";
import { guardCase } from "./guard-case.ts";
import type { GuardedVm } from "./guarded-vm.ts";

const list = (vm: GuardedVm): Promise<GuardReport> => findGuards(localShell({ environment: vm.environment }));

guardCase("a guard at work is held by its controller and watched", { leaseSeconds: 3600 }, async (vm) => {
  await vm.open();
  const { guards, receipts } = await list(vm);
  const [guard, ...others] = guards;
  assert.deepEqual([others, receipts], [[], []]);
  const { since, renewedSecondsAgo, ...rest } = guard!;
  assert.match(since, /^\d{4}-\d\d-\d\dT/);
  assert.ok(renewedSecondsAgo !== undefined && renewedSecondsAgo < 30);
  assert.deepEqual(rest, {
    folder: vm.folder,
    uuid: vm.uuid,
    backupId: vm.backupId,
    vm: "web",
    controller: "tester@here pid 1",
    state: "open",
    leaseSeconds: 3600,
    isWatched: true,
    troubles: [],
  });
  assert.ok(isHeld(guard!));
  await vm.guard("restore");
});

guardCase("a stuck guard tells what it could not undo, and is not held", {}, async (vm) => {
  await vm.open();
  vm.hypervisor.virsh("fake-job", vm.uuid, "vda", "copy");
  await vm.guard("restore");
  const [guard] = (await list(vm)).guards;
  assert.equal(guard?.state, "stuck");
  assert.deepEqual(guard.troubles, [
    { action: "fold-overlay", detail: "vda: another block job runs on this disk" },
  ]);
  assert.deepEqual([guard.isWatched, isHeld(guard)], [false, false]);
});

guardCase("what is gone has left a receipt", {}, async (vm) => {
  await vm.open();
  await vm.guard("restore");
  const { guards, receipts } = await list(vm);
  assert.deepEqual(guards, []);
  assert.equal(receipts.length, 1);
  assert.deepEqual(
    [receipts[0]!.uuid, receipts[0]!.backupId, receipts[0]!.cause],
    [vm.uuid, vm.backupId, "asked"],
  );
});

guardCase("a guard of a version that had no lease is found, and is not held", {}, async (vm) => {
  await vm.open();
  for (const name of ["lease", "peak", "watch.lock", "since"]) rmSync(join(vm.folder, name), { force: true });
  writeFileSync(join(vm.folder, "header"), `backup-id\told\nuuid\t${vm.uuid}\n`);
  const [guard] = (await list(vm)).guards;
  assert.deepEqual([guard?.backupId, guard?.vm, guard?.renewedSecondsAgo], ["old", "", undefined]);
  assert.ok(!isHeld(guard!));
});

guardCase("a header that was tampered with makes no second guard", {}, async (vm) => {
  await vm.open();
  appendFileSync(join(vm.folder, "header"), "vm\tguard\t/etc\tforged\nvm\tmore\n");
  const { guards } = await list(vm);
  assert.deepEqual(
    guards.map(({ folder }) => folder),
    [vm.folder],
  );
});

guardCase("where no guard ever was there is none", {}, async (vm) => {
  assert.deepEqual(await list(vm), { guards: [], receipts: [] });
});

test("parseGuardReport() leaves out what list.sh would not print", () => {
  const uuid = "0f5f7a2e-1111-4222-8333-444455556666";
  const lines = [
    "guard\trelative\t" + uuid,
    "guard\t/var/lib/virtfold/x\tno-uuid",
    "receipt\tshort",
    "nonsense",
    "",
    `guard\t/var/lib/virtfold/${uuid}\t${uuid}\tid\tweb\tme\tthen\todd\tmany\t-1\tperhaps`,
  ];
  const { guards, receipts } = parseGuardReport(lines.join("\n"));
  assert.deepEqual(receipts, []);
  assert.equal(guards.length, 1);
  const { state, renewedSecondsAgo, leaseSeconds, isWatched } = guards[0]!;
  assert.deepEqual([state, renewedSecondsAgo, leaseSeconds, isWatched], ["stuck", undefined, 0, false]);
});
