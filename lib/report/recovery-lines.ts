// Event of a recovery → one line for a person.

import type { RecoveryEvent } from "../model/recovery.ts";
import { unreachable } from "../model/unreachable.ts";
import { describeFailure, failureLine } from "./describe-failure.ts";
import { describeFate, describeLeftover } from "./describe-leftover.ts";
import { placeOf } from "./describe-recovery.ts";
import type { LogLine } from "./log-lines.ts";
import { needsPerson } from "./recovery-status.ts";
import { harmless } from "./wording.ts";

/** The log line of an event; undefined for those that need none. */
export function recoveryLine(event: RecoveryEvent): LogLine | undefined {
  switch (event.kind) {
    case "survey-started":
      return { level: "debug", text: `${harmless(event.host)}: asking for its VMs` };
    case "host-surveyed":
      return info(`${harmless(event.host)}: ${event.vms === 1 ? "1 VM" : `${event.vms} VMs`} found`);
    case "host-failed":
    case "vm-failed":
      return { level: "error", text: failureLine(event.host, event.reason) };
    case "lease-awaited": {
      const { backupId, controller, leaseSeconds, renewedSecondsAgo = 0 } = event.guard;
      return info(
        `${placeOf(event)}: backup ${harmless(backupId)} by ${harmless(controller)} may be alive; waiting up to ${leaseSeconds - renewedSecondsAgo} s for a sign of life`,
      );
    }
    case "restore-started":
      return info(`${placeOf(event)}: restoring what backup ${harmless(event.backupId)} left`);
    case "overlay-folded":
      return info(`${placeOf(event)}: ${harmless(event.target)} is on its base`);
    case "recovered": {
      const text = `${placeOf(event)}: ${harmless(describeLeftover(event.recovery))}: ${describeFate(event.outcome)}`;
      return needsPerson(event) ? { level: "error", text } : info(text);
    }
    case "host-finished":
      return { level: "debug", text: `${harmless(event.host)}: looked through` };
    case "store-failed":
      return { level: "error", text: describeFailure(event.reason) };
    case "store-swept": {
      const { length } = event.folders;
      return info(
        `${harmless(event.store)}: ${length === 1 ? "1 folder" : `${length} folders`} left by dead or running backups`,
      );
    }
    case "stopping":
      return {
        level: "warning",
        text: `${event.signal} received: not waiting any longer; what hosts have begun they finish by themselves`,
      };
    default:
      return unreachable(event);
  }
}

const info = (text: string): LogLine => ({ level: "info", text });
