// Whether each internal snapshot that libvirt lists is inside its images. Pure.

import type { VmObstacle } from "../model/failure.ts";
import type { VmFacts } from "../model/vm.ts";
import { carriedSnapshots } from "./carried-snapshots.ts";

/**
 * The first snapshot that a disk's images should hold and do not; undefined when there is none. libvirt 9.0 takes a
 * snapshot for made whose name holds a quotation mark, which QEMU's monitor has refused.
 */
export function findHollowSnapshot(vm: VmFacts): VmObstacle | undefined {
  for (const { name, internalTargets } of carriedSnapshots(vm)) {
    for (const [target, layers] of vm.chains) {
      const isHeld = layers.some(({ snapshotNames }) => snapshotNames.includes(name));
      if (internalTargets.includes(target) && !isHeld)
        return { kind: "snapshot-not-in-image", target, snapshot: name };
    }
  }
  return undefined;
}
