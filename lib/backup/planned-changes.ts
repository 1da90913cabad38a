// What changes in a VM's definition when it is to use a backup. Pure.

import type { DomainChanges, LayerCopy } from "../hypervisor/domain-changes.ts";
import type { BootFilePlan, LayerPlan, VmBackupPlan } from "../model/plan.ts";

/** Name, UUID and the paths of everything that is in the backup's folder. */
export function plannedChanges(
  plan: VmBackupPlan,
  { directory, bootFiles }: { readonly directory: string; readonly bootFiles: readonly BootFilePlan[] },
): DomainChanges {
  const final = (fileName: string): string => `${directory}/${fileName}`;
  return {
    name: plan.newName,
    uuid: plan.newUuid,
    disks: plan.disks.map(({ target, layers: [own, ...below] }) => {
      const copyOf = ({ path, fileName, format }: LayerPlan): LayerCopy => ({
        oldPath: path,
        path: final(fileName),
        format,
      });
      return { target, layers: [copyOf(own), ...below.map(copyOf)] };
    }),
    bootFiles: Object.fromEntries(bootFiles.map(({ role, fileName }) => [role, final(fileName)])),
  };
}
