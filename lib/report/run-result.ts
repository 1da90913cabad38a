// Where everything stands at the end of a run → its result as data. Pure.

import type { Outcome } from "../model/event.ts";
import type { Host } from "../model/host.ts";
import { unreachable } from "../model/unreachable.ts";
import type { FleetStatus, VmStatus } from "./fleet-status.ts";
import { leftOnHost } from "./left-on-host.ts";
import { plainDegradation, plainError, plainFailure } from "./plain-problem.ts";
import { outputVersion, type RunFinished, type RunReport, type VmResult } from "./run-result-schema.ts";

/** What was asked of one host. */
export interface AskedHost {
  readonly host: Host;
  readonly target: string;
  /** Undefined for all VMs. */
  readonly vms: readonly AskedVm[] | undefined;
}

/** A VM that was asked for. */
export interface AskedVm {
  readonly text: string;
  /** The target over several hosts that it comes from. */
  readonly sharedTarget: string | undefined;
  /** Another host is known to have it. */
  readonly mayBeMissing?: boolean;
}

/** A run, as the caller of it knows it. */
export interface RunFacts {
  readonly startedAt: Date;
  readonly now: Date;
  /** Undefined when it was never opened. */
  readonly store: string | undefined;
  readonly asked: readonly AskedHost[];
  /** What ended the run as a whole, when something was thrown. */
  readonly error?: unknown;
}

/** The result of a run that has ended with this code. */
export function runResult(status: FleetStatus, facts: RunFacts & { readonly exitCode: number }): RunFinished {
  const { version, at, ...rest } = resultSoFar(status, facts);
  return { version, at, kind: "run-finished", exitCode: facts.exitCode, ...rest };
}

/** What is known of a run that has only begun. */
export function unfinishedRun(status: FleetStatus, facts: RunFacts): RunReport {
  const { version, at, ...rest } = resultSoFar(status, facts);
  return { version, at, kind: "run-unfinished", ...rest };
}

function resultSoFar(
  status: FleetStatus,
  { startedAt, now, store, asked, error }: RunFacts,
): Omit<RunFinished, "kind" | "exitCode"> {
  return {
    version: outputVersion,
    at: now.toISOString(),
    startedAt: startedAt.toISOString(),
    seconds: Math.max(0, now.getTime() - startedAt.getTime()) / 1000,
    ...(store === undefined ? {} : { store }),
    ...(error === undefined ? {} : { failure: plainError(error) }),
    hosts: asked.map(({ host: { name }, target, vms }) => {
      const reason = status.failedHosts.get(name);
      return {
        ...{ host: name, target, isSurveyed: status.surveyedHosts.has(name) },
        ...(vms === undefined ? {} : wishesOf(vms)),
        ...(reason === undefined ? {} : { failure: plainFailure(reason) }),
      };
    }),
    vms: [...status.vms.values()].map(vmResult),
  };
}

function wishesOf(
  wishes: readonly AskedVm[],
): Pick<RunReport["hosts"][number], "vms" | "shared" | "mayBeMissing"> {
  const shared = wishes.flatMap(({ text, sharedTarget }) =>
    sharedTarget === undefined ? [] : [{ vm: text, target: sharedTarget }],
  );
  const mayBeMissing = wishes.filter((wish) => wish.mayBeMissing === true).map(({ text }) => text);
  return {
    vms: wishes.map(({ text }) => text),
    ...(shared.length === 0 ? {} : { shared }),
    ...(mayBeMissing.length === 0 ? {} : { mayBeMissing }),
  };
}

/** What came of one VM. */
export function vmResult(vm: VmStatus): VmResult {
  const { host, copiedBytes, sentBytes, outcome, refusal } = vm;
  const known = { host, vm: vm.vm, copiedBytes, sentBytes, degradedBy: [], leftOnHost: leftOnHost(vm) };
  if (refusal !== undefined) return { ...known, result: "refused", failure: plainFailure(refusal) };
  if (outcome === undefined) return { ...known, result: "not-reached" };
  return { ...known, ...times(vm), ...ending(outcome) };
}

function times({ startedAt, endedAt }: VmStatus): Pick<VmResult, "endedAt" | "seconds"> {
  if (startedAt === undefined || endedAt === undefined) return {};
  const seconds = Math.max(0, endedAt.getTime() - startedAt.getTime()) / 1000;
  return { endedAt: endedAt.toISOString(), seconds };
}

type Ending = Pick<VmResult, "result"> & Partial<VmResult>;

function ending(outcome: Outcome): Ending {
  switch (outcome.kind) {
    case "backed-up": {
      const { kind: _, degradedBy, ...facts } = outcome;
      const result = degradedBy.length === 0 ? "ok" : "degraded";
      return { ...facts, result, degradedBy: degradedBy.map(plainDegradation) };
    }
    case "failed":
      return { result: "failed", failure: plainFailure(outcome.reason) };
    case "bug":
      return { result: "bug", failure: plainError(outcome.error) };
    case "interrupted":
      return { result: "interrupted" };
    default:
      return unreachable(outcome);
  }
}
