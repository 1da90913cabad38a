// Puts a VM that comes back as what it was into its place: what is there is kept aside first.

import type { Guard } from "../backup/ports.ts";
import { rebaseUnsafeTo } from "../hypervisor/qemu-img.ts";
import { virsh } from "../hypervisor/virsh.ts";
import { BackupError } from "../model/failure.ts";
import type { RestoredFile, RestorePlan } from "../model/restore.ts";
import { commandFailed } from "./command-failed.ts";
import { keepAside } from "./keep-aside.ts";
import { moveAway } from "./move-away.ts";
import type { RestorePorts } from "./ports.ts";

/**
 * Gives each file its path. Until then nothing of the VM that makes room is touched.
 * @throws BackupError `vm-changed`, `restore-misfit`, `command-failed`.
 */
export async function takePlace(plan: RestorePlan, guard: Guard, ports: RestorePorts): Promise<void> {
  const { uuid } = plan.vm;
  for (const file of plan.files) await nameBacking(plan, file, guard);
  if (plan.original?.replaced === undefined) await refuseNewcomer(plan, ports);
  else await keepAside(plan, plan.original.replaced, { guard, ports });
  for (const { path, stagedPath } of plan.files.filter(({ role }) => role !== "tpm"))
    await moveAway(plan, { uuid, was: stagedPath, now: path }, { guard, ports });
}

/** The file below has another name on the host than in the store. */
async function nameBacking(
  plan: RestorePlan,
  { stagedPath, format, backing }: RestoredFile,
  guard: Guard,
): Promise<void> {
  if (backing === undefined || format === undefined) return;
  const named = await guard.change(rebaseUnsafeTo({ path: stagedPath, format }, backing));
  if (named.code !== 0) throw commandFailed(plan, "qemu-img rebase", named);
  const settled = await guard.change(["sh", "-c", 'sync -- "$1" 2>/dev/null || sync', "sh", stagedPath]);
  if (settled.code !== 0) throw commandFailed(plan, "sync", settled);
}

/** libvirt would take its definition for a new one of the same VM. */
async function refuseNewcomer({ host, vm }: RestorePlan, { shell }: RestorePorts): Promise<void> {
  const commands = virsh(host.uri);
  const [byUuid, names] = await shell.runAll([commands.domainState(vm.uuid), commands.listNames()]);
  if (names?.code === 0 && byUuid?.code !== 0 && !names.stdout.split("\n").includes(vm.name)) return;
  throw new BackupError({
    kind: "vm-changed",
    vm: vm.name,
    what: "one of its name or UUID has come meanwhile",
  });
}
