// One VM's backup: seven steps in order. Read this file first.

import { BackupError } from "../model/failure.ts";
import type { StepName } from "../model/event.ts";
import type { LeftOnHost } from "../model/guard.ts";
import type { VmBackupPlan } from "../model/plan.ts";
import { inspectVm } from "./1-inspect-vm.ts";
import { armGuard } from "./2-arm-guard.ts";
import { takeSnapshot } from "./3-take-snapshot.ts";
import { copyDisks, type DiskCopies } from "./4-copy-disks.ts";
import { restoreHost, type OverlayUse, type RestoredHost } from "./5-restore-host.ts";
import { verifyCopies } from "./6-verify-copies.ts";
import { publishBackup, type Publication } from "./7-publish-backup.ts";
import { keepLease, type Lease } from "../guard/lease.ts";
import { underLease as doUnderLease } from "../guard/under-lease.ts";
import type { PartialBackup } from "../store/partial-backup.ts";
import type { Ports } from "./ports.ts";
import { stopwatch } from "./stopwatch.ts";

/** What a backup came to, when it came to something. */
export interface BackupResult extends Publication, OverlayUse {
  /** What the guard could not undo; the copy is good all the same. */
  readonly leftOnHost: readonly LeftOnHost[];
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
    const lease =
      guard === undefined ? undefined : keepLease(guard, { ...whoOf(plan), signal: ports.signal });
    let copies: DiskCopies;
    let restored: RestoredHost;
    const overlaySince = ports.now();
    try {
      copies = await underLease(lease, ports, async (leased) => {
        const frozen = await step("take-snapshot", () => takeSnapshot(plan, guard, leased));
        return await step("copy-disks", () => copyDisks(plan, { frozen, partial }, leased));
      });
    } finally {
      restored = await step("restore-host", () => restoreHost(plan, { guard, overlaySince }, ports));
      lease?.release();
    }
    stopIfAsked(ports);
    const verified = await step("verify-copies", () => verifyCopies(plan, { copies, partial }, ports));
    const publication = await step("publish-backup", () =>
      publishBackup(plan, { verified, partial, seconds: watch.seconds(), overlay: restored.overlay }, ports),
    );
    return { ...publication, leftOnHost: restored.left, ...restored.overlay };
  } catch (error) {
    await discard(partial, ports);
    throw error;
  }
}

/**
 * Does the work that needs disks which stand still. It counts only when the host says afterwards that it had not begun to
 * restore itself; and when it had, that is what is told, whatever the work stumbled over.
 */
async function underLease<T>(
  lease: Lease | undefined,
  ports: Ports,
  work: (leased: Ports) => Promise<T>,
): Promise<T> {
  if (lease === undefined) return await work(ports);
  return await doUnderLease(lease, ports.signal, async (signal) => {
    const result = await work({ ...ports, signal });
    await lease.confirm();
    return result;
  });
}

function whoOf({ host, vm }: VmBackupPlan): { readonly host: string; readonly vm: string } {
  return { host: host.name, vm: vm.name };
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
