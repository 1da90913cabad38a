// Step 5: the host as it was. Always runs, after success and after failure, and never throws.

import type { LeftOnHost } from "../model/guard.ts";
import type { VmBackupPlan } from "../model/plan.ts";
import type { Guard, Ports } from "./ports.ts";

/** What the backup cost the VM. */
export interface OverlayUse {
  /** From the first moment the guest may have written to an overlay until none was in use. */
  readonly secondsOnOverlay: number;
  /** The most that all overlays together were seen to take. */
  readonly overlayPeakBytes: number;
}

/** What became of the host. */
export interface RestoredHost {
  readonly left: readonly LeftOnHost[];
  readonly overlay: OverlayUse;
}

/** Has the guard undo everything; what it could not undo is emitted, so that it can neither hide an error nor get lost. */
export async function restoreHost(
  plan: VmBackupPlan,
  { guard, overlaySince }: { readonly guard: Guard | undefined; readonly overlaySince: Date },
  ports: Ports,
): Promise<RestoredHost> {
  if (guard === undefined) return { left: [], overlay: { secondsOnOverlay: 0, overlayPeakBytes: 0 } };
  ports.emit({ kind: "restoring-host" });
  const { left, receipt } = await guard.restore((progress) => {
    if (progress.kind === "fold-progress") ports.emit(progress);
    else ports.emit({ kind: "overlay-folded", target: progress.target, into: baseOf(plan, progress.target) });
  });
  const ours = receipt?.backupId === plan.backupId ? receipt : undefined;
  // A host that restored itself did so before it was asked, and knows best when.
  const didItself = ours !== undefined && ours.cause !== "asked";
  const seconds = Math.max(0, ports.now().getTime() - overlaySince.getTime()) / 1000;
  const overlay = {
    secondsOnOverlay: didItself ? ours.secondsOnOverlay : seconds,
    overlayPeakBytes: ours?.peakBytes ?? 0,
  };
  if (left.length > 0) ports.emit({ kind: "left-on-host", left, command: guard.restoreCommand });
  else ports.emit({ kind: "host-restored", ...overlay });
  return { left, overlay };
}

function baseOf(plan: VmBackupPlan, target: string): string {
  return plan.disks.find((disk) => disk.target === target)?.layers[0].path ?? "its base";
}
