// What a plan says → its exit code. Pure.

import { backupOf, isStoreTooSmall, type FleetPlan } from "../model/fleet-plan.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";

/** The exit code; the higher need wins: an end by a signal, over what would fail, over what would be degraded. */
export function planExitCode(plan: FleetPlan, { wasStopped }: { readonly wasStopped: boolean }): ExitCode {
  if (wasStopped) return exitCodes.interrupted;
  const wouldFail =
    plan.failedHosts.length > 0 ||
    plan.vms.some(({ fate }) => fate.kind === "refused") ||
    isStoreTooSmall(plan) ||
    !plan.isComplete;
  if (wouldFail) return exitCodes.someFailed;
  const isDegraded = plan.vms.some((vm) => (backupOf(vm)?.degradedBy.length ?? 0) > 0);
  return isDegraded ? exitCodes.degraded : exitCodes.ok;
}
