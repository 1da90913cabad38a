// What was left on a host → words for a table: what it is, and what became of it.

import type { Recovery, RecoveryOutcome } from "../model/recovery.ts";
import { unreachable } from "../model/unreachable.ts";
import { harmless } from "./wording.ts";

/** What was found, in a few words. */
export function describeLeftover(recovery: Recovery): string {
  switch (recovery.kind) {
    case "held":
    case "restore":
      return describeGuard(recovery);
    case "adopt": {
      const targets = recovery.overlays.map(({ target }) => target).join(", ");
      return recovery.isInUse
        ? `${targets} on overlays of backup ${recovery.backupId}, without a guard`
        : `unused overlays of ${targets}, of backup ${recovery.backupId}`;
    }
    case "unknown-base":
      return recovery.livePath === undefined
        ? `${recovery.target} on ${recovery.path}, without a guard`
        : `${recovery.target} will start on ${recovery.path}`;
    case "shared-base":
      return `${recovery.target} on ${recovery.overlayPath}, whose base other VMs use`;
    case "covered-overlay":
      return `${recovery.target}: ${recovery.overlayPath} below another image`;
    case "stray-file":
      return recovery.path;
    case "paused-guest":
      return "paused by an I/O error";
    default:
      return unreachable(recovery);
  }
}

function describeGuard({ kind, guard }: Extract<Recovery, { kind: "held" | "restore" }>): string {
  const died = { open: "which died", restoring: "whose restore broke off", stuck: "whose restore is stuck" };
  const backup = `backup ${guard.backupId}`;
  return kind === "held" ? backup : `${backup}, ${died[guard.state]}`;
}

/** What became of it, in a few words. */
export function describeFate(outcome: RecoveryOutcome): string {
  switch (outcome.kind) {
    case "restored":
      return "restored";
    case "ended-by-itself":
      return "ended by itself";
    case "held":
      return "at work, left alone";
    case "left":
    case "needs-person":
      return "needs a person";
    case "failed":
      return "failed";
    case "interrupted":
      return "not waited for";
    case "would-restore":
      return "would be restored";
    case "would-wait":
      return `would be waited for, up to ${harmless(String(outcome.seconds))} s`;
    default:
      return unreachable(outcome);
  }
}
