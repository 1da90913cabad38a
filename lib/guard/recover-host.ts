// Puts right on a host what a dead run left there, by the only way there is: a guard that restores it.

import type { HostShell, RestoreProgress } from "../backup/ports.ts";
import { withoutOverlays } from "../hypervisor/without-overlays.ts";
import type { GuardFacts, Restoration } from "../model/guard.ts";
import type { StrayOverlay } from "../model/recovery.ts";
import { armGuard, byHand } from "./guard.ts";
import { restoreHost } from "./restore-host.ts";
import type { UndoAction } from "./undo-action.ts";

/** A VM of which overlays of ours are left that no guard knows of, whether it stands on them or not. */
export interface StrayVm {
  readonly vm: string;
  readonly uuid: string;
  readonly uri: string;
  readonly backupId: string;
  readonly controller: string;
  /** `dumpxml --inactive --security-info` as it is now. */
  readonly inactiveXml: string;
  readonly overlays: readonly StrayOverlay[];
  readonly thawsGuest: boolean;
}

/** How it ended, and what a person runs on the host to try again. */
export interface Recovered extends Restoration {
  readonly command: string;
}

type OnProgress = (progress: RestoreProgress) => void;

/** Has a guard that its controller left behind restore the host. Never throws. */
export async function restoreLeftGuard(
  shell: HostShell,
  { folder, backupId }: Pick<GuardFacts, "folder" | "backupId">,
  onProgress: OnProgress,
): Promise<Recovered> {
  const restoration = await restoreHost(shell, {
    ...{ folder, backupId, cause: "recover", onProgress, patienceSeconds: 0 },
  });
  return { ...restoration, command: byHand(folder) };
}

/**
 * How long the host waits before it goes on by itself, if we die between the arming and the restore. Until then another
 * `recover` takes us for alive.
 */
const adoptionLeaseSeconds = 30;

/**
 * Arms a guard for overlays of ours of which none knew, and has it restore the host.
 * @throws BackupError as `armGuard` does; nothing is changed then.
 */
export async function adoptStrayVm(
  shell: HostShell,
  { vm, uuid, uri, backupId, controller, inactiveXml, overlays, thawsGuest }: StrayVm,
  onProgress: OnProgress,
): Promise<Recovered> {
  const guard = await armGuard(shell, {
    ...{ vm, uuid, uri, backupId, controller },
    ...{ leaseSeconds: adoptionLeaseSeconds, budgetBytes: 0, reserveBytes: 0 },
    definition: withoutOverlays(inactiveXml, overlays),
  });
  // Undone last: a guest that an I/O error has paused cannot thaw before it goes on, nor go on before its disks are folded.
  const thaw: readonly UndoAction[] = thawsGuest ? [{ verb: "thaw-guest", uuid }] : [];
  const folds = overlays.map(({ target, overlayPath, basePath }): UndoAction => ({
    ...{ verb: "fold-overlay", uuid, target, overlayPath, basePath },
  }));
  await guard.record([...thaw, { verb: "resume-guest", uuid }, ...folds]);
  return { ...(await guard.restore(onProgress)), command: guard.restoreCommand };
}
