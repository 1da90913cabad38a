// What a guest finds on the disks of a VM that is shut off, by how it came to be shut off. Pure.

import type { Consistency } from "../model/backup.ts";
import type { VmBackupPlan } from "../model/plan.ts";

/** What a copy of disks that nothing writes to is like. */
export interface RestingConsistency {
  readonly consistency: Extract<Consistency, "crash" | "offline">;
  /** Why its file systems are not at rest too; undefined when nothing speaks against it. */
  readonly whyNotFilesystem: string | undefined;
}

/** What a copy of a VM that is shut off is like, as far as its host knows. */
export function restingConsistency({
  facts: { hasManagedSave, stateReason },
  wasRestored,
}: Pick<VmBackupPlan, "wasRestored"> & {
  readonly facts: Pick<VmBackupPlan["facts"], "hasManagedSave" | "stateReason">;
}): RestingConsistency {
  const why =
    (hasManagedSave ? "its memory is in a managed save" : abruptEnds.get(stateReason)) ??
    (wasRestored && stateReason !== "shutdown" ? lostTrack : undefined);
  return { consistency: why === undefined ? "offline" : "crash", whyNotFilesystem: why };
}

/**
 * By libvirt's word for why a VM is shut off (virshDomainShutoffReason). `unknown` is no such word: so is every VM that
 * has not run since its host was booted.
 */
const abruptEnds: ReadonlyMap<string, string> = new Map([
  ["destroyed", "it was destroyed, not shut down"],
  ["crashed", "it crashed, and was not shut down"],
  ["failed", "its last start failed, and how it had ended before is not known"],
  ["daemon", "libvirt ended it, not being able to reach it any more"],
  ["saved", "its memory was saved to a file"],
]);

/** Guards are armed for VMs that run. */
const lostTrack = "an earlier backup of it died while it ran, and nothing says that it was shut down since";
