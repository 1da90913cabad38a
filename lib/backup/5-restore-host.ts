// Step 5: the host as it was. Always runs, after success and after failure, and never throws.

import type { LeftOnHost } from "../model/event.ts";
import type { VmBackupPlan } from "../model/plan.ts";
import type { Guard, Ports } from "./ports.ts";

/** What became of the host. */
export interface RestoredHost {
  readonly left: readonly LeftOnHost[];
  /** From the first moment the guest may have written to an overlay until none was in use. */
  readonly secondsOnOverlay: number;
}

/** Has the guard undo everything; what it could not undo is emitted, so that it can neither hide an error nor get lost. */
export async function restoreHost(
  plan: VmBackupPlan,
  { guard, overlaySince }: { readonly guard: Guard | undefined; readonly overlaySince: Date },
  ports: Ports,
): Promise<RestoredHost> {
  if (guard === undefined) return { left: [], secondsOnOverlay: 0 };
  ports.emit({ kind: "restoring-host" });
  const left = await guard.restore((progress) => {
    if (progress.kind === "fold-progress") ports.emit(progress);
    else ports.emit({ kind: "overlay-folded", target: progress.target, into: baseOf(plan, progress.target) });
  });
  const secondsOnOverlay = Math.max(0, ports.now().getTime() - overlaySince.getTime()) / 1000;
  if (left.length > 0) ports.emit({ kind: "left-on-host", left, command: guard.restoreCommand });
  else ports.emit({ kind: "host-restored", secondsOnOverlay });
  return { left, secondsOnOverlay };
}

function baseOf(plan: VmBackupPlan, target: string): string {
  return plan.disks.find((disk) => disk.target === target)?.layers[0].path ?? "its base";
}
