// Which disks of a VM its backup leaves out, and which of them hold something. Pure.

import type { SkippedDisk } from "../model/plan.ts";
import type { SkipReason, VmFacts } from "../model/vm.ts";

/** Without content, or with one that somebody else has. */
const harmlessSkips: readonly SkipReason[] = ["cdrom", "floppy", "no-source", "transient"];

/** The disks that are left out. */
export function skippedDisks(vm: Pick<VmFacts, "domain">): readonly SkippedDisk[] {
  return vm.domain.disks.flatMap((disk): readonly SkippedDisk[] => {
    if (disk.kind !== "skipped") return [];
    const { target, reason, path } = disk;
    return [{ target, reason, path, losesData: !harmlessSkips.includes(reason) }];
  });
}
