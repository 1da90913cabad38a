// What of a VM is left out of its backup. Pure.

import type { Degradation } from "../model/event.ts";
import type { PlanWarning, VmBackupPlan } from "../model/plan.ts";
import { unreachable } from "../model/unreachable.ts";

/** What the backup will be missing, of these disks and warnings. */
export function plannedDegradations(
  plan: Pick<VmBackupPlan, "skippedDisks" | "warnings">,
): readonly Degradation[] {
  return [
    ...plan.skippedDisks
      .filter((disk) => disk.losesData)
      .map((disk): Degradation => ({ kind: "disk-skipped", disk })),
    ...plan.warnings.flatMap(degradationOf),
  ];
}

/** A warning about something that is missing from the backup makes it less than whole; others do not. */
function degradationOf(warning: PlanWarning): readonly Degradation[] {
  switch (warning.kind) {
    case "external-snapshot":
    case "tpm-state":
    case "tpm-secret":
    case "network-nvram":
      return [warning];
    case "managed-save":
    case "foreign-overlay":
    case "host-tpm":
      return [];
    default:
      return unreachable(warning);
  }
}
