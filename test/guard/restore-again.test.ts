// restore is run again: after it was done, after it failed, after it was killed, and while it runs.

import assert from "node:assert/strict";
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { appearance, guardCase, isThorough } from "./guard-case.ts";
import { killGuard, traces } from "./guarded-vm.ts";
import type { GuardedVm } from "./guarded-vm.ts";
import { restoreTwiceAtOnce } from "./hold-lock.ts";

const all = ["first", "in the window"];

async function openWithThaw(vm: GuardedVm): Promise<void> {
  await vm.open();
  await vm.guard("record", "thaw-guest", vm.uuid);
  await vm.guard("change", "virsh", "domfsfreeze", vm.uuid);
}

guardCase("every verb run twice does no more than once", {}, async (vm) => {
  await openWithThaw(vm);
  cpSync(vm.folder, `${vm.folder}.copy`, { recursive: true });
  assert.equal((await vm.guard("restore")).code, 0);
  const after = [vm.hypervisor.xml(vm.uuid, "live"), vm.definition(), readFileSync(vm.disks[0].path, "utf8")];
  cpSync(`${vm.folder}.copy`, vm.folder, { recursive: true });
  assert.equal((await vm.guard("restore")).stdout, "folded\tvda\nrestored\n");
  assert.equal(traces(vm), undefined);
  assert.deepEqual(
    [vm.hypervisor.xml(vm.uuid, "live"), vm.definition(), readFileSync(vm.disks[0].path, "utf8")],
    after,
  );
});

guardCase("two restores at once: one waits, both end right", {}, async (vm) => {
  await openWithThaw(vm);
  vm.hypervisor.control("ready-after", 3);
  const results = await restoreTwiceAtOnce(vm);
  assert.deepEqual(
    results.map(({ code }) => code),
    [0, 0],
  );
  for (const { stdout } of results) assert.match(stdout, /(^|\n)restored\n$/);
  assert.equal(vm.hypervisor.calls().filter((call) => call.includes("blockcommit")).length, 1);
  assert.equal(traces(vm), undefined);
});

/** Runs restore with its death at one call, then again. */
async function survives(vm: GuardedVm, when: "before" | "after", call: string): Promise<boolean> {
  // What dies before its call makes that call fail too; after it, the call has been made.
  const dead = join(vm.hypervisor.state, "dead");
  rmSync(dead, { force: true });
  vm.hypervisor.hook(when, call, `: >"${dead}"; ${killGuard}; ${when === "before" ? "exit 1" : ":"}`);
  const killed = await vm.guard("restore");
  rmSync(join(vm.hypervisor.state, when, call));
  if (!existsSync(dead)) return false;
  assert.notEqual(killed.code, 0);
  const { code, stdout } = await vm.guard("restore");
  assert.equal(code, 0, `${when} ${call}: ${stdout}`);
  assert.equal(traces(vm, all), undefined, `${when} ${call}`);
  return true;
}

const liveDeaths = ["after domfsthaw.1", "after blockcommit.1", "before blockjob.1", "after blockjob.1"];
const offlineDeaths = ["before commit.1", "after commit.1", "before define.1", "after define.1"];

for (const death of liveDeaths) {
  const [when, call] = death.split(" ") as ["before" | "after", string];
  guardCase(`restore killed ${death} is finished by the next`, {}, async (vm) => {
    await openWithThaw(vm);
    assert.ok(await survives(vm, when, call));
  });
}

for (const death of offlineDeaths) {
  const [when, call] = death.split(" ") as ["before" | "after", string];
  guardCase(`offline, restore killed ${death} is finished by the next`, {}, async (vm) => {
    await vm.open();
    vm.hypervisor.virsh("destroy", vm.uuid);
    assert.ok(await survives(vm, when, call));
  });
}

guardCase(
  "restore killed with half the disks pivoted is finished by the next",
  { targets: ["vda", "vdb"] },
  async (vm) => {
    await vm.open();
    assert.ok(await survives(vm, "before", "blockcommit.2"));
  },
);

guardCase("an offline commit that outlives guard.sh still holds the lock", {}, async (vm) => {
  await vm.open();
  vm.hypervisor.virsh("destroy", vm.uuid);
  const { state } = vm.hypervisor;
  // guard.sh and its subshell die; qemu-img, whose hook this is, does not.
  const killShells =
    'read -r _ _ _ shell _ <"/proc/$PPID/stat"; kill -9 "$(cat "$VIRTFOLD_FAKE_LIBVIRT/guard-pid")" "$shell"';
  const look = `flock -n "${vm.folder}.lock" true || : >"${state}/held"; : >"${state}/looked"`;
  vm.hypervisor.hook("before", "commit.1", `${killShells}; ${look}`);
  await vm.guard("restore");
  await appearance(join(state, "looked"));
  assert.ok(existsSync(join(state, "held")));
  assert.equal((await vm.guard("restore")).code, 0);
  assert.equal(traces(vm), undefined);
});

if (isThorough) {
  for (const kind of ["live", "offline"]) {
    guardCase(`${kind}, restore killed at any call is finished by the next`, {}, async (vm) => {
      const { state } = vm.hypervisor;
      for (let call = 1, hit = true; hit; call++) {
        for (const when of ["before", "after"] as const) {
          writeFileSync(join(state, "count", "all"), "0\n");
          writeFileSync(vm.disks[0].path, "fake qcow2\nbacking -\nfirst\n");
          if (vm.hypervisor.xml(vm.uuid, "live") === undefined) vm.hypervisor.virsh("start", vm.uuid);
          await vm.open();
          if (kind === "offline") vm.hypervisor.virsh("destroy", vm.uuid);
          const soFar = Number(readFileSync(join(state, "count", "all"), "utf8"));
          hit = await survives(vm, when, `${soFar + call}`);
        }
      }
    });
  }
}
