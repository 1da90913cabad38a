// The command that takes the snapshot of a running VM. Pure.

import { virsh } from "../hypervisor/virsh.ts";
import type { VmBackupPlan } from "../model/plan.ts";
import { snapshotName } from "../plan/overlay-name.ts";
import type { Command } from "../shell/command.ts";

/** Sends every disk of the plan to its overlay; all other disks are named too, and left alone. */
export function snapshotCommand(plan: VmBackupPlan): Command {
  return virsh(plan.host.uri).snapshotCreate({
    uuid: plan.vm.uuid,
    name: snapshotName(plan.backupId),
    disks: [
      ...plan.disks.map(({ target, overlayPath }) => ({ target, overlayPath: overlayOf(overlayPath) })),
      ...plan.skippedDisks.map(({ target }) => ({ target, overlayPath: undefined })),
    ],
  });
}

/** The overlay of a disk of a running VM. */
export function overlayOf(path: string | undefined): string {
  if (path === undefined) throw new Error("A running VM was planned without an overlay");
  return path;
}
