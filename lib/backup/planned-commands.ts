// The commands that one VM's backup would run, in order. Pure.

import path from "node:path";
import { virsh } from "../hypervisor/virsh.ts";
import type { PlannedCommand, DiskPlan, LayerPlan, VmBackupPlan } from "../model/plan.ts";
import { freezeObstacle } from "../plan/freeze-obstacle.ts";
import type { Command } from "../shell/command.ts";
import { contentName, partialFolderName, vmFolders } from "../store/layout.ts";
import { overlayOf, snapshotCommand } from "./snapshot-command.ts";

/** How this machine would copy. */
export interface PlannedCopies {
  /** Undefined when none was named. */
  readonly store: string | undefined;
  readonly planCopy: (
    image: Pick<LayerPlan, "path" | "source">,
    place: { readonly destination: string; readonly bytesPerSecond: number },
  ) => PlannedCommand;
}

/** What changes something on the host, or copies from it; what only asks is left out. */
export function plannedCommands(
  plan: VmBackupPlan,
  { store = "STORE", planCopy }: PlannedCopies,
): readonly PlannedCommand[] {
  const folder = path.join(
    ...[store, ...vmFolders(plan.host.name, plan.vm.name)],
    ...[partialFolderName(plan.backupId), contentName],
  );
  const files = [
    ...plan.bootFiles.map((file) => ({ ...file, source: "file" as const })),
    ...plan.disks.flatMap((disk) => disk.layers),
  ];
  const { bytesPerSecond } = plan;
  const copies = files.map((file) =>
    planCopy(file, { destination: path.join(folder, file.fileName), bytesPerSecond }),
  );
  if (!plan.wasActive) return copies;
  const { freeze, thaw } = virsh(plan.host.uri);
  const snapshot = snapshotCommand(plan);
  const isQuiesced = freezeObstacle(plan) === undefined;
  const { uuid } = plan.vm;
  return [
    ...(isQuiesced ? [freeze(uuid), snapshot, thaw(uuid)] : [snapshot]).map(onHost),
    ...copies,
    // As the guard does it: newest first.
    ...plan.disks.toReversed().flatMap((disk) => fold(plan, disk)),
  ];
}

function fold(plan: VmBackupPlan, { target, layers, overlayPath }: DiskPlan): readonly PlannedCommand[] {
  const commands = virsh(plan.host.uri);
  const commit = { target, basePath: layers[0].path, overlayPath: overlayOf(overlayPath) };
  return [
    onHost(commands.blockCommit(plan.vm.uuid, commit)),
    onHost(commands.pivot(plan.vm.uuid, target)),
    onHost(["rm", "-f", "--", overlayOf(overlayPath)]),
  ];
}

function onHost(command: Command): PlannedCommand {
  return { where: "host", command };
}
