// What a run came to → its exit code. Pure.

import type { Outcome } from "../model/event.ts";
import type { FleetStatus } from "../report/fleet-status.ts";
import { leftOnHost } from "../report/left-on-host.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";

/** The exit code of a run; the higher need wins: a host that needs a person over a bug, that over a failure over a degraded backup. */
export function runExitCode(status: FleetStatus, { wasStopped }: { readonly wasStopped: boolean }): ExitCode {
  const vms = [...status.vms.values()];
  const outcomes = vms.flatMap(({ outcome }) => (outcome === undefined ? [] : [outcome]));
  if (vms.some((vm) => leftOnHost(vm).length > 0)) return exitCodes.hostNeedsPerson;
  if (outcomes.some((outcome) => outcome.kind === "bug")) return exitCodes.bug;
  if (wasStopped) return exitCodes.interrupted;
  const hasFailed = status.failedHosts.size > 0 || vms.some(({ refusal }) => refusal !== undefined);
  if (hasFailed || outcomes.some(isFailure) || outcomes.length < vms.length) return exitCodes.someFailed;
  return outcomes.some(isDegraded) ? exitCodes.degraded : exitCodes.ok;
}

function isFailure(outcome: Outcome): boolean {
  return outcome.kind === "failed" || outcome.kind === "interrupted";
}

function isDegraded(outcome: Outcome): boolean {
  return outcome.kind === "backed-up" && outcome.degradedBy.length > 0;
}
