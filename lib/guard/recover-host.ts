// Puts right on a host what a dead run left there, by the only way there is: a guard that restores it.

import type { HostShell, RestoreProgress } from "../backup/ports.ts";
import { withoutOverlays } from "../hypervisor/without-overlays.ts";
import type { GuardFacts, Restoration } from "../model/guard.ts";
import type { DiskFormat, SourceKind } from "../model/vm.ts";
import { armGuard, byHand } from "./guard.ts";
import { restoreHost } from "./restore-host.ts";

/** A VM that stands on overlays of ours of which no guard knows. */
export interface StrayVm {
  readonly vm: string;
  readonly uuid: string;
  readonly uri: string;
  readonly backupId: string;
  readonly controller: string;
  /** `dumpxml --inactive --security-info` as it is now. */
  readonly inactiveXml: string;
  readonly overlays: readonly {
    readonly target: string;
    readonly overlayPath: string;
    readonly basePath: string;
    readonly baseFormat: DiskFormat;
    readonly baseSource: SourceKind;
  }[];
}

/** How it ended, and what a person runs on the host to try again. */
export interface Recovered extends Restoration {
  readonly command: string;
}

type OnProgress = (progress: RestoreProgress) => void;

/** Has a guard that its controller left behind restore the host. Never throws. */
export async function restoreLeftGuard(
  shell: HostShell,
  { folder }: Pick<GuardFacts, "folder">,
  onProgress: OnProgress,
): Promise<Recovered> {
  const restoration = await restoreHost(shell, { folder, cause: "recover", onProgress, patienceSeconds: 0 });
  return { ...restoration, command: byHand(folder) };
}

/**
 * Arms a guard for a VM that stands on overlays of ours, and has it restore the host.
 * @throws BackupError as `armGuard` does; nothing is changed then.
 */
export async function adoptStrayVm(
  shell: HostShell,
  { vm, uuid, uri, backupId, controller, inactiveXml, overlays }: StrayVm,
  onProgress: OnProgress,
): Promise<Recovered> {
  const guard = await armGuard(shell, {
    ...{ vm, uuid, uri, backupId, controller },
    ...{ leaseSeconds: 0, budgetBytes: 0, reserveBytes: 0 },
    definition: withoutOverlays(inactiveXml, overlays),
  });
  await guard.record([
    { verb: "resume-guest", uuid },
    ...overlays.map(
      ({ target, overlayPath, basePath }) =>
        ({ verb: "fold-overlay", uuid, target, overlayPath, basePath }) as const,
    ),
  ]);
  return { ...(await guard.restore(onProgress)), command: guard.restoreCommand };
}
