// What a backup brings into the store. Pure.

import type { LayerPlan } from "../model/plan.ts";

/** Room for what the images take on the host; a sparse copy takes about the same. */
export function copyBytes({
  disks,
}: {
  readonly disks: readonly {
    readonly layers: readonly Pick<LayerPlan, "allocatedBytes" | "fileBytes">[];
  }[];
}): number {
  return disks
    .flatMap((disk) => disk.layers)
    .reduce((sum, layer) => sum + Math.min(layer.allocatedBytes, layer.fileBytes), 0);
}
