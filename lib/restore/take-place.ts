// Puts a VM that comes back as what it was into its place: what is there is kept aside first.

import type { Guard } from "../backup/ports.ts";
import { rebaseUnsafeTo } from "../hypervisor/qemu-img.ts";
import type { RestoredFile, RestorePlan } from "../model/restore.ts";
import { checkPlace } from "./check-place.ts";
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
  await checkPlace(plan, ports);
  const replaced = plan.original?.replaced;
  if (replaced !== undefined) await keepAside(plan, replaced, { guard, ports });
  // A device has its path, and no other ever.
  for (const { path, stagedPath } of plan.files.filter(
    ({ role, device }) => role !== "tpm" && device === undefined,
  ))
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
