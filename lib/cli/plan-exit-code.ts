// What a plan says → its exit code. Pure.

import { backupOf, isStoreTooSmall, type FleetPlan } from "../model/fleet-plan.ts";
import { leftOnHost } from "../report/left-on-host.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";

/** The exit code; the higher need wins: a host that needs a person, over an end by a signal, over what would fail, over what would be degraded. */
export function planExitCode(plan: FleetPlan, { wasStopped }: { readonly wasStopped: boolean }): ExitCode {
  const refusals = plan.vms.flatMap(({ fate }) => (fate.kind === "refused" ? [fate.reason] : []));
  if (refusals.some((refusal) => leftOnHost({ outcome: undefined, refusal }).length > 0))
    return exitCodes.hostNeedsPerson;
  if (wasStopped) return exitCodes.interrupted;
  const wouldFail =
    plan.failedHosts.length > 0 || refusals.length > 0 || isStoreTooSmall(plan) || !plan.isComplete;
  if (wouldFail) return exitCodes.someFailed;
  const isDegraded = plan.vms.some((vm) => (backupOf(vm)?.degradedBy.length ?? 0) > 0);
  return isDegraded ? exitCodes.degraded : exitCodes.ok;
}
