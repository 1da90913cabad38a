// What a backup would do, as text: a table of the VMs, each in detail, then a line that counts.

import {
  backupOf,
  bytesToCopy,
  isStoreTooSmall,
  type FleetPlan,
  type PlannedBackup,
  type PlannedVm,
} from "../model/fleet-plan.ts";
import { unreachable } from "../model/unreachable.ts";
import { failureLine } from "./describe-failure.ts";
import { formatBytes } from "./format.ts";
import { plainTable } from "./plain-table.ts";
import { planDetails } from "./plan-details.ts";
import { words } from "./wording.ts";

/** How much of it. */
export interface PlanTextOptions {
  /** Also the commands. */
  readonly isVerbose: boolean;
}

/** The plan as text. */
export function planText(plan: FleetPlan, options: PlanTextOptions): string {
  const rows = plan.vms.map((vm) => [vm.host, vm.vm, resultOf(vm), ...backupCells(backupOf(vm))]);
  const head = ["HOST", "VM", "WOULD BE", "DISKS", "TO COPY", "SNAPSHOTS", "CONSISTENCY"];
  const table = rows.length === 0 ? [] : [`${plainTable(head, rows)}\n`];
  const details = plan.vms.map((vm) => `${planDetails(vm, options).join("\n")}\n`);
  const troubles = [
    ...plan.failedHosts.map(({ host, reason }) => `! ${failureLine(host, reason)}`),
    ...(isStoreTooSmall(plan) ? [`! ${tooSmall(plan)}`] : []),
  ];
  return [...table, ...details, ...troubles, countLine(plan)].join("\n");
}

function resultOf(vm: PlannedVm): string {
  switch (vm.fate.kind) {
    case "refused":
      return "refused";
    case "restore-first":
      return "restored first";
    case "back-up":
      return vm.fate.backup.degradedBy.length > 0 ? "degraded" : "backed up";
    default:
      return unreachable(vm.fate);
  }
}

function backupCells(backup: PlannedBackup | undefined): readonly string[] {
  if (backup === undefined) return ["", "", "", ""];
  const { disks, skippedDisks, snapshots } = backup.plan;
  const left = skippedDisks.length === 0 ? "" : ` of ${disks.length + skippedDisks.length}`;
  return [
    `${disks.length}${left}`,
    formatBytes(backup.copyBytes),
    snapshots.length === 0 ? "-" : String(snapshots.length),
    backup.consistency,
  ];
}

function tooSmall({ store, vms }: FleetPlan): string {
  const [directory, free] = [store?.directory ?? "", formatBytes(store?.freeBytes ?? 0)];
  return words`The store ${directory} has ${{ raw: free }} free, and all of this takes ${{ raw: formatBytes(bytesToCopy({ vms })) }}: unless rotation makes room meanwhile, the last backups would fail. Free some space there, or back up fewer VMs at a time`;
}

function countLine(plan: FleetPlan): string {
  const { vms, failedHosts, store, isComplete } = plan;
  const good = vms.filter(({ fate }) => fate.kind !== "refused").length;
  const degraded = vms.filter((vm) => (backupOf(vm)?.degradedBy.length ?? 0) > 0).length;
  return [
    `${good} of ${vms.length} VM${vms.length === 1 ? "" : "s"} would be backed up`,
    ...(degraded === 0 ? [] : [`${degraded} of them degraded`]),
    `${formatBytes(bytesToCopy(plan))} to copy`,
    ...(store === undefined
      ? []
      : [words`${{ raw: formatBytes(store.freeBytes) }} free in ${store.directory}`]),
    ...(failedHosts.length === 0
      ? []
      : [`${failedHosts.length} host${failedHosts.length === 1 ? "" : "s"} not reached`]),
    ...(isComplete ? [] : ["interrupted: not every host was asked"]),
    "nothing was changed",
  ].join(", ");
}
