// A plan → what its backup will be missing. Pure.

import type { Degradation } from "../model/event.ts";
import type { PlanWarning, VmBackupPlan } from "../model/plan.ts";
import { unreachable } from "../model/unreachable.ts";

/** What the plan leaves out of the backup. */
export function plannedDegradations(plan: VmBackupPlan): readonly Degradation[] {
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
    case "network-nvram":
      return [warning];
    case "managed-save":
    case "foreign-overlay":
      return [];
    default:
      return unreachable(warning);
  }
}
