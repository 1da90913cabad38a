// Events of a recovery → the objects that recover --json prints for them. Pure. Nothing of a definition is in them:
// it may hold secrets.

import type { Recovery, RecoveryEvent, RecoveryOutcome } from "../model/recovery.ts";
import { unreachable } from "../model/unreachable.ts";
import { describeLeftover } from "./describe-leftover.ts";
import { describeRecovery } from "./describe-recovery.ts";
import { plainError, plainFailure } from "./plain-problem.ts";
import { recoverOutputVersion } from "./recover-schema.ts";
import { recoveryCounts } from "./recovery-counts.ts";
import { needsPerson, type RecoveryItem, type RecoveryStatus } from "./recovery-status.ts";
import type { Problem } from "./run-result-schema.ts";
import { harmless } from "./wording.ts";

type Plain = { readonly kind: string } & Readonly<Record<string, unknown>>;

/** What --json prints for an event. */
export function recoverJsonLine(event: RecoveryEvent, at: Date): Plain {
  return line(plainEvent(event), at);
}

/** What --json prints when the recovery as a whole cannot go on. */
export function recoverFailedLine(error: unknown, at: Date): Plain {
  return line({ kind: "recover-failed", failure: plainError(error) }, at);
}

/** The last line. */
export function recoverFinishedLine(
  status: RecoveryStatus,
  end: {
    readonly exitCode: number;
    readonly isDryRun: boolean;
    readonly startedAt: Date;
    readonly at: Date;
  },
): Plain {
  const { finishedHosts, failedHosts } = status;
  const { found, right: putRight, people: needPerson } = recoveryCounts(status, end);
  const facts = { exitCode: end.exitCode, isDryRun: end.isDryRun, startedAt: end.startedAt.toISOString() };
  const hosts = { finishedHosts, failedHosts: failedHosts.map(({ host }) => host) };
  return line({ kind: "recover-finished", ...facts, ...{ found, putRight, needPerson }, ...hosts }, end.at);
}

function line({ kind, ...facts }: Plain, at: Date): Plain {
  return { version: recoverOutputVersion, at: at.toISOString(), kind, ...facts };
}

function plainEvent(event: RecoveryEvent): Plain {
  switch (event.kind) {
    case "host-failed":
    case "vm-failed": {
      const { reason, ...facts } = event;
      return { ...facts, failure: plainFailure(reason) };
    }
    case "store-failed":
      return { kind: event.kind, store: event.store, failure: plainFailure(event.reason) };
    case "lease-awaited": {
      const { guard, ...facts } = event;
      const { backupId, controller, leaseSeconds, renewedSecondsAgo = 0 } = guard;
      return { ...facts, backupId, controller, seconds: Math.max(0, leaseSeconds - renewedSecondsAgo) };
    }
    case "recovered":
      return plainItem(event);
    default:
      return { ...event };
  }
}

function plainItem(item: RecoveryItem): Plain {
  const { host, vm, recovery, outcome } = item;
  const result = { outcome: outcome.kind, needsPerson: needsPerson(item), advice: describeRecovery(item) };
  const found: Problem = {
    ...{ kind: recovery.kind, sentence: harmless(describeLeftover(recovery), 1000) },
    ...plainRecovery(recovery),
  };
  return { kind: "recovered", host, vm, found, ...result, ...plainOutcome(outcome) };
}

/** Its facts, without those of the VM as a whole. */
function plainRecovery(recovery: Recovery): Readonly<Record<string, unknown>> {
  switch (recovery.kind) {
    case "held":
    case "restore": {
      const { backupId, controller, since, state, troubles } = recovery.guard;
      return { backupId, controller, since, state, troubles };
    }
    case "stray-file":
    case "unknown-base":
    case "shared-base":
    case "covered-overlay":
    case "adopt":
    case "paused-guest": {
      const { vm: _, kind: __, ...facts } = recovery;
      return facts;
    }
    default:
      return unreachable(recovery);
  }
}

function plainOutcome(outcome: RecoveryOutcome): Readonly<Record<string, unknown>> {
  if (outcome.kind === "failed") return { failure: plainFailure(outcome.reason) };
  const { kind: _, ...facts } = outcome;
  return facts;
}
