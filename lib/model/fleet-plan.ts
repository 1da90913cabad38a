// What a backup of everything that was asked for would do.

import type { Consistency } from "./backup.ts";
import type { Degradation } from "./event.ts";
import type { FailureReason } from "./failure.ts";
import type { OverlaySpace, PlannedCommand, VmBackupPlan } from "./plan.ts";

/** One VM's backup, and what can be said of it beforehand. */
export interface PlannedBackup {
  readonly plan: VmBackupPlan;
  /** Expected: whether the guest agent answers is seen when it is asked. */
  readonly consistency: Consistency;
  readonly whyNotFilesystem: string | undefined;
  /** Why it would be less than whole; empty when it would be whole. */
  readonly degradedBy: readonly Degradation[];
  readonly copyBytes: number;
  /** Empty for a VM that is shut off. */
  readonly overlaySpace: readonly OverlaySpace[];
  readonly commands: readonly PlannedCommand[];
}

/** What would become of one VM. */
export type PlannedFate =
  | { readonly kind: "back-up"; readonly backup: PlannedBackup }
  /** What a dead backup left would be put right before. */
  | {
      readonly kind: "restore-first";
      readonly backupId: string;
      /** Undefined when it cannot be told before that. */
      readonly backup: PlannedBackup | undefined;
    }
  | { readonly kind: "refused"; readonly reason: FailureReason };

/** One VM that was asked for, or named. */
export interface PlannedVm {
  readonly host: string;
  readonly vm: string;
  readonly fate: PlannedFate;
}

/** The whole. */
export interface FleetPlan {
  /** Undefined when none was named. */
  readonly store: { readonly directory: string; readonly freeBytes: number } | undefined;
  readonly vms: readonly PlannedVm[];
  readonly failedHosts: readonly { readonly host: string; readonly reason: FailureReason }[];
  /** Whether every host was asked to the end. */
  readonly isComplete: boolean;
}

/** The backup that would be made of a VM, as far as it can be told. */
export function backupOf({ fate }: PlannedVm): PlannedBackup | undefined {
  return fate.kind === "refused" ? undefined : fate.backup;
}

/** What all backups together would bring into the store. */
export function bytesToCopy({ vms }: Pick<FleetPlan, "vms">): number {
  return vms.reduce((sum, vm) => sum + (backupOf(vm)?.copyBytes ?? 0), 0);
}

/** Whether the store has no room for all of it. */
export function isStoreTooSmall(plan: FleetPlan): boolean {
  return plan.store !== undefined && plan.store.freeBytes < bytesToCopy(plan);
}
