// Event → the object that --json prints for it. Pure.

import type { Event, Outcome, TimedEvent, VmEvent } from "../model/event.ts";
import { leftOnHost } from "./left-on-host.ts";
import { plainDegradation, plainError, plainFailure, plainSkip, plainWarning } from "./plain-problem.ts";
import { outputVersion } from "./run-result-schema.ts";

/** A line of --json, before it is text. */
export interface JsonEvent {
  readonly version: typeof outputVersion;
  /** ISO 8601. */
  readonly at: string;
  readonly kind: string;
  readonly [key: string]: unknown;
}

/** What --json prints for an event: flat, a VM's events with `host` and `vm`. */
export function jsonEvent({ at, ...event }: TimedEvent): JsonEvent {
  return { version: outputVersion, at: at.toISOString(), ...plainEvent(event) };
}

/** What --json prints when the run as a whole cannot go on. */
export function runFailedEvent(error: unknown, at: Date): JsonEvent {
  return { version: outputVersion, at: at.toISOString(), kind: "run-failed", failure: plainError(error) };
}

type Plain = { readonly kind: string } & Readonly<Record<string, unknown>>;

function plainEvent(event: Event): Plain {
  switch (event.kind) {
    case "vm": {
      const { kind, ...facts } = plainVmEvent(event.event);
      return { kind, host: event.host, vm: event.vm, ...facts };
    }
    case "host-failed":
    case "vm-refused": {
      const { reason, ...facts } = event;
      return { ...facts, failure: plainFailure(reason) };
    }
    default:
      return event;
  }
}

function plainVmEvent(event: VmEvent): Plain {
  switch (event.kind) {
    case "disk-skipped":
      return { kind: event.kind, disk: plainSkip(event.disk) };
    case "warning":
      return { kind: event.kind, warning: plainWarning(event.warning) };
    case "vm-finished":
      return { kind: event.kind, outcome: plainOutcome(event.outcome) };
    default:
      return event;
  }
}

function plainOutcome(outcome: Outcome): unknown {
  if (outcome.kind === "backed-up")
    return { ...outcome, degradedBy: outcome.degradedBy.map(plainDegradation) };
  if (outcome.kind === "interrupted") return outcome;
  const failure = outcome.kind === "bug" ? plainError(outcome.error) : plainFailure(outcome.reason);
  return { kind: outcome.kind, failure, leftOnHost: leftOnHost({ outcome, refusal: undefined }) };
}
