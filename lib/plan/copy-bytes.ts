// What a backup brings into the store. Pure.

import type { VmBackupPlan } from "../model/plan.ts";

/** Room for what the images take on the host; a sparse copy takes about the same. */
export function copyBytes(plan: Pick<VmBackupPlan, "disks">): number {
  return plan.disks
    .flatMap((disk) => disk.layers)
    .reduce((sum, layer) => sum + Math.min(layer.allocatedBytes, layer.fileBytes), 0);
}
