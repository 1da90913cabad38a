// What a run came to: a table of its VMs, then what went wrong and what to do about it.

import type { Outcome } from "../model/event.ts";
import { unreachable } from "../model/unreachable.ts";
import { describeFailure, failureLine } from "./describe-failure.ts";
import { describeDegradation } from "./describe-warning.ts";
import type { FleetStatus, VmStatus } from "./fleet-status.ts";
import { summaryTable } from "./summary-table.ts";
import { harmless } from "./wording.ts";

/** The summary of a run as text. */
export function summary(status: FleetStatus): string {
  const vms = [...status.vms.values()];
  const table = vms.length === 0 ? "" : `${summaryTable(vms)}\n`;
  const troubles = [
    ...[...status.failedHosts].map(([host, reason]) => failureLine(host, reason)),
    ...vms.flatMap(troublesOf),
  ];
  return `${table}${troubles.map((trouble) => `! ${trouble}\n`).join("")}${countLine(vms, status.failedHosts.size)}`;
}

function troublesOf(vm: VmStatus): readonly string[] {
  if (vm.refusal !== undefined) return [describeFailure(vm.refusal)];
  if (vm.outcome === undefined) return [];
  const place = `${harmless(vm.host)}/${harmless(vm.vm)}`;
  return [...causes(vm.outcome, vm.host, place), ...leftovers(vm, vm.outcome)];
}

function causes(outcome: Outcome, host: string, place: string): readonly string[] {
  switch (outcome.kind) {
    case "backed-up":
      return outcome.degradedBy.map((degradation) => `${place}: ${describeDegradation(degradation)}`);
    case "failed":
      return [failureLine(host, outcome.reason)];
    case "bug":
      return [`${place}: ${harmless(String(outcome.error))}`];
    case "interrupted":
      return [`${place}: interrupted`];
    default:
      return unreachable(outcome);
  }
}

function leftovers({ host, vm, undoCommand }: VmStatus, { leftOnHost }: Outcome): readonly string[] {
  if (leftOnHost.length === 0) return [];
  const what = leftOnHost.map(({ action, detail }) => `${harmless(action)}: ${harmless(detail)}`).join("; ");
  const command = undoCommand === undefined ? "" : `; run on the host: ${harmless(undoCommand)}`;
  return [`${harmless(host)}/${harmless(vm)}: left on the host: ${what}${command}`];
}

function countLine(vms: readonly VmStatus[], failedHosts: number): string {
  const good = vms.filter((vm) => vm.outcome?.kind === "backed-up").length;
  const hosts = failedHosts === 0 ? "" : `, ${failedHosts} host${failedHosts === 1 ? "" : "s"} not reached`;
  return `${good} of ${vms.length} VM${vms.length === 1 ? "" : "s"} backed up${hosts}`;
}
