// A plan → what can be said beforehand of the backup it will make. Pure.

import { patchSnapshot } from "../backup/patch-snapshot.ts";
import { plannedChanges } from "../backup/planned-changes.ts";
import { plannedCommands, type PlannedCopies } from "../backup/planned-commands.ts";
import { plannedDegradations } from "../plan/planned-degradations.ts";
import type { Degradation } from "../model/event.ts";
import type { PlannedBackup } from "../model/fleet-plan.ts";
import type { VmBackupPlan } from "../model/plan.ts";
import { copyBytes } from "../plan/copy-bytes.ts";
import { freezeObstacle } from "../plan/freeze-obstacle.ts";
import { overlaySpace } from "../plan/overlay-space.ts";
import { restingConsistency } from "../plan/resting-consistency.ts";

/** What depends on more than the plan. */
export interface ForeseeingOptions extends PlannedCopies {
  readonly overlayDirectory: string | undefined;
}

/** What the backup would be like, were nothing to change before it. */
export function foreseeBackup(plan: VmBackupPlan, options: ForeseeingOptions): PlannedBackup {
  return {
    plan,
    ...expectedConsistency(plan),
    degradedBy: [...plannedDegradations(plan), ...missingOfSnapshots(plan)],
    copyBytes: copyBytes(plan),
    overlaySpace: plan.wasActive ? overlaySpace(plan.facts, options) : [],
    commands: plannedCommands(plan, options),
  };
}

function expectedConsistency(plan: VmBackupPlan): Pick<PlannedBackup, "consistency" | "whyNotFilesystem"> {
  if (!plan.wasActive) return restingConsistency(plan);
  const why = freezeObstacle(plan);
  return { consistency: why === undefined ? "filesystem" : "crash", whyNotFilesystem: why };
}

/** Where the copies would lie makes no difference to what has none. */
function missingOfSnapshots(plan: VmBackupPlan): readonly Degradation[] {
  const changes = plannedChanges(plan, { directory: "/backup", bootFiles: plan.bootFiles });
  return plan.snapshots.flatMap((snapshot) => patchSnapshot(snapshot, changes).missing);
}
