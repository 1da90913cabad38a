// Tells whether an image was written to while it was copied.

import { BackupError } from "../model/failure.ts";
import type { VmBackupPlan } from "../model/plan.ts";
import type { SourceStamp } from "../model/vm.ts";
import { stampCommand } from "../hypervisor/image-stamp.ts";
import type { Ports } from "./ports.ts";

/**
 * The present state of every image of the plan, by path.
 * @throws BackupError `copy-unreadable` when one of them is gone.
 */
export async function readStamps(
  plan: VmBackupPlan,
  ports: Ports,
): Promise<ReadonlyMap<string, SourceStamp>> {
  const layers = plan.disks.flatMap((disk) => disk.layers);
  const results = await ports.shell.runAll(layers.map(({ path }) => stampCommand(path)));
  return new Map(
    layers.map(({ path }, index) => {
      const result = results[index];
      if (result === undefined || result.code !== 0) {
        const detail = result?.stderr.trim() ?? "no answer";
        throw new BackupError({ kind: "copy-unreadable", vm: plan.vm.name, path, detail });
      }
      return [path, result.stdout];
    }),
  );
}

/** The first image that is not what it was; undefined when all are. */
export function findChanged(
  plan: VmBackupPlan,
  before: ReadonlyMap<string, SourceStamp>,
  after: ReadonlyMap<string, SourceStamp>,
): { readonly target: string; readonly path: string } | undefined {
  for (const { target, layers } of plan.disks) {
    for (const { path } of layers) if (before.get(path) !== after.get(path)) return { target, path };
  }
  return undefined;
}
