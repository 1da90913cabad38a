// guard.sh watch: the host restores itself, without a word from anybody.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { guardCase } from "./guard-case.ts";
import { killGuard, traces, type GuardedVm } from "./guarded-vm.ts";
import { eventually, receiptOf, watchersOf } from "./watcher.ts";

const everyShell = true;

guardCase(
  "a lease that nobody renews runs out: the host restores itself",
  { everyShell, leaseSeconds: 2 },
  async (vm) => {
    await vm.open();
    const [, backupId, cause, detail] = await receiptOf(vm);
    assert.deepEqual([backupId, cause], [vm.backupId, "lease"]);
    assert.match(detail!, /^the controller has not renewed its lease for [23] s$/);
    assert.equal(traces(vm), undefined);
    await eventually(vm, "no watcher is left", () => watchersOf(vm).length === 0);
  },
);

guardCase(
  "a lease that is renewed does not run out; the answer tells the most the overlays took",
  { leaseSeconds: 3 },
  async (vm) => {
    await vm.open();
    const until = Date.now() + 5000;
    while (Date.now() < until) {
      const { code, stdout } = await vm.guard("renew");
      assert.equal(code, 0);
      assert.match(stdout, /^open\t\d+\n$/);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    await eventually(
      vm,
      "the overlay was measured",
      () => Number(readFileSync(join(vm.folder, "peak"), "utf8")) > 0,
    );
    assert.equal((await vm.guard("restore")).stdout, "folded\tvda\nrestored\n");
  },
);

guardCase(
  "a lease of another boot has run out, however young it looks",
  { leaseSeconds: 3600 },
  async (vm) => {
    await vm.open();
    const header = join(vm.folder, "header");
    const other = "boot\t00000000-1111-4222-8333-444455556666";
    writeFileSync(header, readFileSync(header, "utf8").replace(/^boot\t.*$/m, other));
    assert.match((await vm.arm()).stdout, /^left\t/);
    assert.equal((await receiptOf(vm))[2], "boot");
    assert.equal(traces(vm), undefined);
  },
);

guardCase(
  "after a boot of the host the lease is not renewed, nothing is changed, and the host restores itself",
  { everyShell, leaseSeconds: 3600 },
  async (vm) => {
    await vm.open();
    // As a boot leaves it: no watcher.
    process.kill(watchersOf(vm)[0]!, "SIGKILL");
    await eventually(vm, "the watcher is gone", () => watchersOf(vm).length === 0);
    const header = join(vm.folder, "header");
    const other = "boot\t00000000-1111-4222-8333-444455556666";
    writeFileSync(header, readFileSync(header, "utf8").replace(/^boot\t.*$/m, other));
    const recorded = await vm.guard("record", "thaw-guest", vm.uuid);
    assert.deepEqual([recorded.code, recorded.stderr], [5, "this host has booted since the backup began\n"]);
    assert.deepEqual(await vm.guard("renew"), {
      ...{ code: 5, stderr: "", receipt: undefined },
      stdout: "restoring\tboot\tthis host has booted since the backup began\n",
    });
    const [, , cause, detail] = await receiptOf(vm);
    assert.deepEqual([cause, detail], ["boot", "this host has booted since the backup began"]);
    assert.equal(traces(vm), undefined);
  },
);

guardCase("a lease of before the last boot has run out", { leaseSeconds: 3600 }, async (vm) => {
  await vm.open();
  const uptime = Number(readFileSync("/proc/uptime", "utf8").split(".")[0]);
  writeFileSync(join(vm.folder, "lease"), `${uptime + 1000}\n`);
  assert.equal((await receiptOf(vm))[2], "lease");
  assert.equal(traces(vm), undefined);
});

guardCase(
  "a watcher outlives a hangup, and one that was killed is replaced before the next change",
  { leaseSeconds: 3600 },
  async (vm) => {
    await vm.prepare();
    const [watcher, ...others] = watchersOf(vm);
    assert.deepEqual(others, []);
    process.kill(watcher!, "SIGHUP");
    process.kill(watcher!, "SIGINT");
    assert.equal((await vm.guard("renew")).code, 0);
    assert.deepEqual(watchersOf(vm), [watcher]);
    process.kill(watcher!, "SIGKILL");
    await eventually(vm, "the watcher is gone", () => watchersOf(vm).length === 0);
    assert.equal((await vm.snapshot()).code, 0);
    assert.equal(watchersOf(vm).length, 1);
    await vm.guard("restore");
  },
);

guardCase("a sign of life brings a killed watcher back", { leaseSeconds: 3600 }, async (vm) => {
  await vm.prepare();
  process.kill(watchersOf(vm)[0]!, "SIGKILL");
  assert.equal((await vm.guard("renew")).code, 0);
  assert.equal(watchersOf(vm).length, 1);
  await vm.guard("restore");
});

guardCase("who restores and is killed is followed by the watcher", { leaseSeconds: 3600 }, async (vm) => {
  await vm.open();
  vm.hypervisor.hook("after", "blockcommit.1", killGuard);
  await vm.guard("restore");
  await receiptOf(vm);
  assert.equal(traces(vm), undefined);
});

guardCase(
  "what got stuck is tried again by itself",
  { leaseSeconds: 3600, settings: { VIRTFOLD_RETRY_SECONDS: "1" } },
  async (vm) => {
    await vm.open();
    vm.hypervisor.control("commit-fails", 5);
    assert.equal((await vm.guard("restore")).code, 4);
    const left = readFileSync(join(vm.folder, "left"), "utf8");
    assert.match(left, /^fold-overlay\tvda: the block commit does not get ready: .*Permission denied$/m);
    await receiptOf(vm);
    assert.equal(traces(vm), undefined);
  },
);

guardCase(
  "overlays that take more than their budget are folded back",
  { everyShell, leaseSeconds: 3600, budgetBytes: 100_000 },
  async (vm) => {
    await vm.open();
    vm.write("x".repeat(120_000));
    const [, , cause, detail, , peak] = await receiptOf(vm);
    assert.equal(cause, "budget");
    assert.match(detail!, /^the overlays take \d+ bytes, more than the 100000 bytes they may$/);
    assert.ok(Number(peak) >= 120_000);
    assert.equal(traces(vm, ["first", "in the window", "x".repeat(120_000)]), undefined);
  },
);

guardCase(
  "overlays whose file system gets short of room are folded back",
  { everyShell, leaseSeconds: 3600, reserveBytes: 2 ** 50 },
  async (vm) => {
    await vm.open();
    const [, , cause, detail] = await receiptOf(vm);
    assert.equal(cause, "space");
    assert.match(detail!, /^\d+ bytes are free in \/.*, and the overlays take \d+ bytes$/);
    assert.equal(traces(vm), undefined);
  },
);

guardCase(
  "a controller whose host restored itself is told why, while the guard is there and afterwards",
  { leaseSeconds: 3600, budgetBytes: 100_000 },
  async (vm) => {
    await vm.open();
    vm.hypervisor.control("commit-fails", 1000);
    vm.write("x".repeat(120_000));
    await eventually(vm, "it restores", () => readFileSync(join(vm.folder, "state"), "utf8") !== "open\n");
    const { code, stdout } = await vm.guard("renew");
    assert.equal(code, 5);
    assert.match(stdout, /^restoring\tbudget\tthe overlays take /);
    assert.equal((await vm.guard("change", "true")).code, 5);
    vm.hypervisor.control("commit-fails", 0);
    await vm.guard("restore");
    // The first cause is the true one.
    assert.equal((await receiptOf(vm))[2], "budget");
  },
);

guardCase(
  "arming fails where no watcher stays alive, and leaves nothing",
  { ownTools: true, leaseSeconds: 60, settings: { VIRTFOLD_START_SECONDS: "1" } },
  async (vm) => {
    writeFileSync(join(vm.tools, "setsid"), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
    const { code, stdout } = await vm.arm();
    assert.equal(code, 1);
    assert.equal(stdout, "failed\tthe guard's watcher does not stay alive\n");
    assert.ok(!existsSync(vm.folder));
  },
);

guardCase(
  "where systemd runs, the watcher is a unit of its own; where that fails, a session of its own",
  { ownTools: true, leaseSeconds: 60 },
  async (vm) => {
    const systemd = join(vm.hypervisor.directory, "systemd");
    mkdirSync(systemd);
    const variables = { ...vm.environment, VIRTFOLD_SYSTEMD_FOLDER: systemd };
    const log = join(vm.hypervisor.directory, "systemd-run.log");
    writeFileSync(join(vm.tools, "id"), "#!/bin/sh\necho 0\n", { mode: 0o755 });
    const runUnit = `#!/bin/sh
echo "$@" >>'${log}'
while case $1 in --*) true ;; *) false ;; esac; do shift; done
setsid "$@" &
`;
    writeFileSync(join(vm.tools, "systemd-run"), runUnit, { mode: 0o755 });
    assert.equal((await vm.arm(variables)).code, 0);
    assert.match(
      readFileSync(log, "utf8"),
      new RegExp(`--unit=virtfold-guard-${vm.uuid}-.* sh ${vm.folder}/guard.sh watch\n$`),
    );
    await onlyOneWatches(vm);
    await vm.guard("restore");
    await eventually(vm, "no watcher is left", () => watchersOf(vm).length === 0);

    writeFileSync(join(vm.tools, "systemd-run"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    assert.equal((await vm.arm(variables)).code, 0);
    await onlyOneWatches(vm);
    await vm.guard("restore");
  },
);

/** One that took so long to start that another one was started goes by itself. */
async function onlyOneWatches(vm: GuardedVm): Promise<void> {
  await eventually(vm, "one watcher", () => watchersOf(vm).length === 1);
}
