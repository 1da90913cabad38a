// One thing that was left on a host → what became of it.

import type { HostShell } from "../backup/ports.ts";
import type { Emit } from "../model/event.ts";
import { BackupError } from "../model/failure.ts";
import type { Host } from "../model/host.ts";
import type { Recovery, RecoveryEvent, RecoveryOutcome } from "../model/recovery.ts";
import { awaitLease } from "./await-lease.ts";
import { isForProgram, wayToRestore, type GuardRecovery } from "./recover-vm.ts";
import { untilStopped } from "./until-stopped.ts";

/** What carrying out depends on. */
export interface CarryOutContext {
  readonly shell: HostShell;
  readonly host: Host;
  readonly isDryRun: boolean;
  readonly emit: Emit<RecoveryEvent>;
  readonly signal: AbortSignal;
}

/**
 * Puts it right, as far as a program can; changes nothing in a dry run.
 * @throws BackupError when the host cannot be asked.
 */
export async function carryOut(recovery: Recovery, context: CarryOutContext): Promise<RecoveryOutcome> {
  if (!isForProgram(recovery)) return { kind: "needs-person" };
  if (context.isDryRun) return foresee(recovery);
  try {
    if (recovery.kind !== "held") return await restore(recovery, context);
    return await waitAndRestore(recovery, context);
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    return asOutcome(error);
  }
}

/** The VM's name, or its UUID where a guard does not tell the name; undefined for a file that is no VM's. */
export function vmOf(recovery: Recovery): string | undefined {
  if (recovery.kind === "held" || recovery.kind === "restore")
    return recovery.guard.vm === "" ? recovery.guard.uuid : recovery.guard.vm;
  return recovery.vm?.name;
}

function foresee(recovery: GuardRecovery): RecoveryOutcome {
  if (recovery.kind !== "held") return { kind: "would-restore" };
  const { leaseSeconds, renewedSecondsAgo = 0 } = recovery.guard;
  return { kind: "would-wait", seconds: leaseSeconds - renewedSecondsAgo };
}

async function waitAndRestore(
  { guard }: Extract<Recovery, { kind: "held" }>,
  context: CarryOutContext,
): Promise<RecoveryOutcome> {
  const recovery = { kind: "restore", guard } as const;
  context.emit({ kind: "lease-awaited", host: context.host.name, vm: vmOf(recovery), guard });
  const end = await awaitLease(context.shell, guard, context.signal);
  if (end === "renewed") return { kind: "held" };
  if (end === "gone") return { kind: "ended-by-itself" };
  // The host may have begun meanwhile: its lock puts us in order.
  return await restore(recovery, context);
}

async function restore(
  recovery: Exclude<GuardRecovery, { kind: "held" }>,
  { shell, host, emit, signal }: CarryOutContext,
): Promise<RecoveryOutcome> {
  const place = { host: host.name, vm: vmOf(recovery) };
  const way = wayToRestore(recovery, { shell, host, vm: place.vm ?? "" });
  emit({ kind: "restore-started", ...place, backupId: way.backupId });
  const work = way.restore((progress) => {
    if (progress.kind === "overlay-folded")
      emit({ kind: "overlay-folded", ...place, target: progress.target });
  });
  const { left, command } = await untilStopped(work, signal);
  return left.length === 0 ? { kind: "restored" } : { kind: "left", left, command };
}

/** @throws the error itself when it is about the way to the host. */
function asOutcome(error: BackupError): RecoveryOutcome {
  const { reason } = error;
  switch (reason.kind) {
    case "interrupted":
      return { kind: "interrupted" };
    case "guard-held":
      return { kind: "held" };
    case "guard-stuck":
      return { kind: "left", left: reason.left, command: reason.command };
    case "connection-lost":
    case "host-unreachable":
      throw error;
    default:
      return { kind: "failed", reason };
  }
}
