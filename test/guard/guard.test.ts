// guard.ts: the controller's end of guard.sh, over a shell on this machine and a fake hypervisor.

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Guard, HostShell, RestoreProgress } from "../../lib/backup/ports.ts";
import { armGuard } from "../../lib/guard/guard.ts";
import { BackupError } from "../../lib/model/failure.ts";
import type { FailureReason } from "../../lib/model/failure.ts";
import type { Command } from "../../lib/shell/command.ts";
import { localShell } from "../support/local-shell.ts";
import { guardCase } from "./guard-case.ts";
import { traces } from "./guarded-vm.ts";
import type { GuardedVm } from "./guarded-vm.ts";

const shellOf = (vm: GuardedVm): HostShell => localShell({ environment: vm.environment });
const ownerOf = ({ uuid, backupId }: GuardedVm) => ({
  vm: "web",
  uuid,
  backupId,
  uri: "fake:///",
  controller: "tester@here pid 1",
  leaseSeconds: 0,
  budgetBytes: 0,
  reserveBytes: 0,
});
const arm = (vm: GuardedVm, shell = shellOf(vm)): Promise<Guard> => armGuard(shell, ownerOf(vm));

const foldActions = ({ uuid, disks }: GuardedVm) =>
  disks.map(({ target, overlay, path }) => {
    return { verb: "fold-overlay" as const, uuid, target, overlayPath: overlay, basePath: path };
  });

function snapshotCommand({ uuid, disks }: GuardedVm): Command {
  const specs = disks.flatMap(({ target, overlay }) => ["--diskspec", `${target},file=${overlay}`]);
  return ["virsh", "snapshot-create-as", uuid, "x", "--disk-only", "--atomic", "--no-metadata", ...specs];
}

/** Arms, records, takes the snapshot, and lets the guest write. */
async function open(vm: GuardedVm, shell = shellOf(vm)): Promise<Guard> {
  const guard = await arm(vm, shell);
  await guard.record(foldActions(vm));
  assert.equal((await guard.change(snapshotCommand(vm))).code, 0);
  vm.write("in the window");
  return guard;
}

async function reasonOf(work: Promise<unknown>): Promise<FailureReason> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof BackupError, String(error));
  return error.reason;
}

const lost = () =>
  new BackupError({ kind: "connection-lost", host: "this machine", detail: "reset by peer" });

/** A shell whose link breaks: `shallBreak` is asked once for each command. */
function breaking(
  shell: HostShell,
  shallBreak: () => "before" | "meanwhile" | "after" | undefined,
): HostShell {
  const over = async <T>(work: () => Promise<T>): Promise<T> => {
    const when = shallBreak();
    if (when === "before") throw lost();
    const running = work();
    if (when === "meanwhile") throw lost();
    const result = await running;
    if (when === "after") throw lost();
    return result;
  };
  return {
    name: shell.name,
    run: (command, options) => over(() => shell.run(command, options)),
    runAll: (commands, options) => over(() => shell.runAll(commands, options)),
    runScript: (script, argv, options) => over(() => shell.runScript(script, argv, options)),
  };
}

guardCase(
  "armGuard(), record(), change(), restore(): the host ends as it was",
  { targets: ["vda", "vdb"] },
  async (vm) => {
    const guard = await open(vm);
    assert.equal(guard.restoreCommand, `sh ${vm.folder}/guard.sh restore`);
    vm.hypervisor.control("ready-after", 2);
    const progress: RestoreProgress[] = [];
    assert.deepEqual((await guard.restore((step) => progress.push(step))).left, []);
    assert.deepEqual(progress, [
      { kind: "fold-progress", target: "vdb", percent: 50 },
      { kind: "overlay-folded", target: "vdb" },
      { kind: "fold-progress", target: "vda", percent: 50 },
      { kind: "overlay-folded", target: "vda" },
    ]);
    assert.equal(traces(vm), undefined);
    assert.deepEqual((await guard.restore(() => undefined)).left, [], "and once more");
  },
);

guardCase("armGuard() says who holds the VM, and since when", {}, async (vm) => {
  await armGuard(shellOf(vm), { ...ownerOf(vm), leaseSeconds: 60 });
  const other = armGuard(shellOf(vm), { ...ownerOf(vm), backupId: "another" });
  const { since, ...reason } = (await reasonOf(other)) as Extract<FailureReason, { kind: "guard-held" }>;
  assert.match(since, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.deepEqual(reason, {
    kind: "guard-held",
    host: "this machine",
    vm: "web",
    backupId: vm.backupId,
    controller: "tester@here pid 1",
  });
});

guardCase("armGuard() says why it could not arm", {}, async (vm) => {
  vm.hypervisor.virsh("destroy", vm.uuid);
  vm.hypervisor.virsh("undefine", vm.uuid);
  const reason = await reasonOf(arm(vm));
  assert.deepEqual(reason, {
    kind: "guard-failed",
    host: "this machine",
    vm: "web",
    detail: "virsh dumpxml failed",
  });
});

guardCase("armGuard() finds its own guard when the answer to arming was lost", {}, async (vm) => {
  const breaks: ("after" | undefined)[] = ["after"];
  const guard = await arm(
    vm,
    breaking(shellOf(vm), () => breaks.shift()),
  );
  assert.deepEqual((await guard.restore(() => undefined)).left, []);
  assert.ok(!existsSync(vm.folder));
});

guardCase("record() refuses a field that a journal cannot hold, before it asks the host", {}, async (vm) => {
  const guard = await arm(vm);
  const [action] = foldActions(vm);
  await assert.rejects(guard.record([{ ...action!, basePath: "a\tb" }]), TypeError);
  assert.deepEqual(vm.journal(), []);
});

guardCase("settle() keeps restore() from undoing what is undone already", {}, async (vm) => {
  const guard = await arm(vm);
  await guard.record([{ verb: "thaw-guest", uuid: vm.uuid }]);
  await guard.settle("thaw-guest");
  assert.deepEqual((await guard.restore(() => undefined)).left, []);
  assert.ok(!vm.hypervisor.calls().some((call) => call.includes("domfsthaw")));
});

guardCase(
  "a guard that has ended touches nothing of the next backup's in the same folder",
  {},
  async (vm) => {
    const ended = await arm(vm);
    assert.deepEqual((await ended.restore(() => undefined)).left, []);
    const next = await armGuard(shellOf(vm), { ...ownerOf(vm), backupId: "another" });
    await next.record(foldActions(vm));
    assert.equal((await next.change(snapshotCommand(vm))).code, 0);
    vm.write("in the window");
    assert.deepEqual((await ended.restore(() => undefined)).left, []);
    const detail = "the guard is gone: everything was restored";
    const refused = { kind: "guard-failed", host: "this machine", vm: "web", detail };
    assert.deepEqual(await reasonOf(ended.change(["true"])), refused);
    assert.equal((await ended.renew()).kind, "ended");
    assert.ok(existsSync(vm.disks[0].overlay));
    assert.deepEqual(await next.renew(), { kind: "open", peakBytes: 0 });
    assert.deepEqual((await next.restore(() => undefined)).left, []);
    assert.equal(traces(vm), undefined);
  },
);

guardCase("restore() returns what is left, after which nothing may be changed", {}, async (vm) => {
  const guard = await open(vm);
  vm.hypervisor.virsh("fake-job", vm.uuid, "vda", "copy");
  assert.deepEqual((await guard.restore(() => undefined)).left, [
    { action: "fold-overlay", detail: "vda: another block job runs on this disk" },
  ]);
  const detail = "this host has begun to restore itself";
  const refused = { kind: "guard-failed", host: "this machine", vm: "web", detail };
  assert.deepEqual(await reasonOf(guard.change(["true"])), refused);
  assert.deepEqual(await reasonOf(guard.record(foldActions(vm))), refused);
  assert.equal(readFileSync(join(vm.folder, "state"), "utf8"), "stuck\n");
});

guardCase(
  "change() hands on how the command ended, also when it was cut short",
  { ownTools: true },
  async (vm) => {
    const guard = await arm(vm);
    assert.equal((await guard.change(["sh", "-c", "echo no >&2; exit 3"])).code, 3);
    assert.equal((await guard.change(["sleep", "30"], { deadlineSeconds: 0.1 })).code, 124);
  },
);

for (const when of ["before", "meanwhile", "after"] as const) {
  guardCase(`restore() asks again when the link breaks ${when} the restore`, {}, async (vm) => {
    const breaks: (typeof when | undefined)[] = [undefined, undefined, undefined, when];
    const guard = await open(
      vm,
      breaking(shellOf(vm), () => breaks.shift()),
    );
    assert.deepEqual((await guard.restore(() => undefined)).left, []);
    assert.equal(traces(vm), undefined);
  });
}

guardCase("restore() reports a link that stays broken, and never throws", {}, async (vm) => {
  let isBroken = false;
  const guard = await open(
    vm,
    breaking(shellOf(vm), () => (isBroken ? "before" : undefined)),
  );
  isBroken = true;
  const [left, ...others] = (await guard.restore(() => undefined)).left;
  assert.deepEqual(others, []);
  assert.equal(left?.action, "restore-host");
  assert.match(left.detail, /connection-lost/);
  isBroken = false;
  assert.deepEqual((await guard.restore(() => undefined)).left, []);
  assert.equal(traces(vm), undefined);
});

guardCase("restore() reports a script that does not say how it ended", {}, async (vm) => {
  const guard = await open(vm);
  writeFileSync(join(vm.folder, "guard.sh"), "echo nonsense; echo broken >&2; exit 3\n");
  assert.deepEqual((await guard.restore(() => undefined)).left, [
    { action: "restore-host", detail: "broken" },
  ]);
});
