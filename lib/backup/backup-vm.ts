// One VM's backup: seven steps in order. Read this file first.

import { BackupError } from "../model/failure.ts";
import type { LeftOnHost, StepName } from "../model/event.ts";
import type { VmBackupPlan } from "../model/plan.ts";
import { inspectVm } from "./1-inspect-vm.ts";
import { armGuard } from "./2-arm-guard.ts";
import { takeSnapshot } from "./3-take-snapshot.ts";
import { copyDisks, type DiskCopies } from "./4-copy-disks.ts";
import { restoreHost, type RestoredHost } from "./5-restore-host.ts";
import { verifyCopies } from "./6-verify-copies.ts";
import { publishBackup, type Publication } from "./7-publish-backup.ts";
import type { PartialBackup } from "../store/partial-backup.ts";
import type { Ports } from "./ports.ts";
import { stopwatch } from "./stopwatch.ts";

/** What a backup came to, when it came to something. */
export interface BackupResult extends Publication {
  /** What the guard could not undo; the copy is good all the same. */
  readonly leftOnHost: readonly LeftOnHost[];
  readonly secondsOnOverlay: number;
}

/**
 * Backs up one VM.
 *
 * On the host there is nothing to commit: success, failure and a dead controller all end in restore-host. Only the
 * store tells them apart, by whether the backup was published.
 *
 * @throws BackupError with the reason; what could not be undone on the host has been emitted as `left-on-host`.
 */
export async function backupVm(plan: VmBackupPlan, ports: Ports): Promise<BackupResult> {
  const watch = stopwatch(ports.now);
  const step = <T>(name: StepName, work: () => Promise<T>): Promise<T> => {
    ports.emit({ kind: "step-started", step: name });
    return watch.time(name, work);
  };

  await step("inspect-vm", () => inspectVm(plan, ports));
  const partial = await ports.store.beginBackup();
  try {
    const guard = await step("arm-guard", () => armGuard(plan, ports));
    let copies: DiskCopies;
    let restored: RestoredHost;
    const overlaySince = ports.now();
    try {
      const frozen = await step("take-snapshot", () => takeSnapshot(plan, guard, ports));
      copies = await step("copy-disks", () => copyDisks(plan, { frozen, partial }, ports));
    } finally {
      restored = await step("restore-host", () => restoreHost(plan, { guard, overlaySince }, ports));
    }
    stopIfAsked(ports);
    const verified = await step("verify-copies", () => verifyCopies(plan, { copies, partial }, ports));
    const publication = await step("publish-backup", () =>
      publishBackup(
        plan,
        { verified, partial, seconds: watch.seconds(), secondsOnOverlay: restored.secondsOnOverlay },
        ports,
      ),
    );
    return { ...publication, leftOnHost: restored.left, secondsOnOverlay: restored.secondsOnOverlay };
  } catch (error) {
    await discard(partial, ports);
    throw error;
  }
}

/** What cannot be removed now is removed by the next backup of this VM; it must not hide why this one failed. */
async function discard(partial: PartialBackup, ports: Ports): Promise<void> {
  try {
    await partial.discard();
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    ports.emit({ kind: "partial-kept", path: partial.directory, detail });
  }
}

function stopIfAsked(ports: Ports): void {
  if (ports.signal.aborted)
    throw new BackupError({ kind: "interrupted", signal: String(ports.signal.reason) });
}
