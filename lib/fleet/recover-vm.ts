// Before a VM is backed up, what an earlier run left of it is put right.

import type { HostShell } from "../backup/ports.ts";
import { adoptStrayVm, restoreLeftGuard, type Recovered } from "../guard/recover-host.ts";
import type { Emit, Event, VmEvent } from "../model/event.ts";
import { BackupError } from "../model/failure.ts";
import type { GuardFacts } from "../model/guard.ts";
import type { Host } from "../model/host.ts";
import type { Recovery } from "../model/recovery.ts";
import { planRecovery } from "../plan/plan-recovery.ts";
import type { HostFacts } from "../model/vm.ts";
import { controllerName } from "./controller-name.ts";
import { unreachable } from "../model/unreachable.ts";

/** A VM on its host, as a survey found both. */
export interface VmToRecover {
  readonly host: Host;
  readonly facts: HostFacts;
  readonly vm: { readonly name: string; readonly uuid: string };
}

/**
 * Puts the VM right when a dead run left something of it. True when something was done, so that what was known of the
 * VM is old now.
 * @throws BackupError `guard-held` when its controller is at work, `guard-stuck` when something cannot be undone.
 */
export async function recoverVm(
  shell: HostShell,
  { host, facts, vm }: VmToRecover,
  emit: Emit<Event>,
): Promise<boolean> {
  const recovery = planRecovery(facts, { uuid: vm.uuid }).find(isForProgram);
  if (recovery === undefined) return false;
  const tell = (event: VmEvent): void => emit({ kind: "vm", host: host.name, vm: vm.name, event });
  const { backupId, restore } = wayToRestore(recovery, { shell, host, vm: vm.name });
  tell({ kind: "left-over-found", backupId });
  const { left, command } = await restore((progress) => {
    if (progress.kind === "fold-progress") tell(progress);
  });
  if (left.length > 0)
    throw new BackupError({ kind: "guard-stuck", host: host.name, vm: vm.name, backupId, left, command });
  tell({ kind: "left-over-restored", backupId });
  return true;
}

/** What a program can put right, by a guard. */
export type GuardRecovery = Extract<Recovery, { kind: "held" | "restore" | "adopt" }>;

/** Whether a program can put this right. */
export function isForProgram(recovery: Recovery): recovery is GuardRecovery {
  return ["held", "restore", "adopt"].includes(recovery.kind);
}

interface WayToRestore {
  readonly backupId: string;
  readonly restore: (onProgress: Parameters<typeof restoreLeftGuard>[2]) => Promise<Recovered>;
}

/** How a host is put right. @throws BackupError `guard-held`. */
export function wayToRestore(
  recovery: GuardRecovery,
  { shell, host, vm }: { readonly shell: HostShell; readonly host: Host; readonly vm: string },
): WayToRestore {
  switch (recovery.kind) {
    case "held":
      throw guardHeld(recovery.guard, { host, vm });
    case "restore": {
      const { guard } = recovery;
      return {
        backupId: guard.backupId,
        restore: (onProgress) => restoreLeftGuard(shell, guard, onProgress),
      };
    }
    case "adopt": {
      const { backupId, overlays, thawsGuest } = recovery;
      const { uuid, inactiveXml } = recovery.vm;
      const owner = { vm, uuid, backupId, overlays, inactiveXml, thawsGuest, uri: host.uri };
      const stray = { ...owner, controller: controllerName() };
      return { backupId, restore: (onProgress) => adoptStrayVm(shell, stray, onProgress) };
    }
    default:
      return unreachable(recovery);
  }
}

/** The failure of a backup whose VM another one is at work on. */
export function guardHeld(
  { backupId, since, controller }: GuardFacts,
  { host, vm }: { readonly host: Host; readonly vm: string },
): BackupError {
  return new BackupError({ kind: "guard-held", host: host.name, vm, backupId, since, controller });
}
