// Which snapshots of a VM a backup carries along. Pure.

import type { VmFacts, VmSnapshot } from "../model/vm.ts";

/**
 * The internal snapshots whose ancestors are all internal too, parents before children. An external snapshot is a
 * chain of files on the host: its definition would point at nothing, and so would its descendants' parent.
 */
export function carriedSnapshots(vm: Pick<VmFacts, "snapshots">): readonly VmSnapshot[] {
  const carried = new Set<string>();
  return vm.snapshots.filter((snapshot) => {
    const isCarried =
      snapshot.location === "internal" && (snapshot.parent === undefined || carried.has(snapshot.parent));
    if (isCarried) carried.add(snapshot.name);
    return isCarried;
  });
}
