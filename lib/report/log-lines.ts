// Event → one line for a person. What the single-host script said, this says in the same words.

import type { Event, VmEvent } from "../model/event.ts";
import { unreachable } from "../model/unreachable.ts";
import { describeFailure, failureLine } from "./describe-failure.ts";
import { describeDegradation, describeSkip, describeWarning } from "./describe-warning.ts";
import { formatBytes, formatSeconds } from "./format.ts";
import { harmless, quoted } from "./wording.ts";

/** A line of the log and how much it matters. */
export interface LogLine {
  readonly level: "debug" | "info" | "warning" | "error";
  readonly text: string;
}

/** The log line of an event; undefined for events that only move a progress bar. */
export function logLine(event: Event): LogLine | undefined {
  switch (event.kind) {
    case "run-started":
      return info(`Backing up into ${harmless(event.store)}`);
    case "survey-started":
      return { level: "debug", text: `${harmless(event.host)}: asking for its VMs` };
    case "host-surveyed":
      return info(`${harmless(event.host)}: ${event.vms === 1 ? "1 VM" : `${event.vms} VMs`} found`);
    case "vms-chosen":
      return undefined;
    case "host-failed":
      return error(failureLine(event.host, event.reason));
    case "vms-left-out":
      return {
        level: "debug",
        text: `${harmless(event.host)}: left out by the inventory: ${event.vms.map(quoted).join(", ")}`,
      };
    case "vm-refused":
      return error(describeFailure(event.reason));
    case "report-failed":
      return {
        level: "warning",
        text: `Could not write the report of this run: ${harmless(event.detail, 1000)}`,
      };
    case "stopping":
      return {
        level: "warning",
        text: `${event.signal} received: starting nothing new and restoring the hosts; once more to leave at once`,
      };
    case "vm": {
      const line = vmLogLine(event.event);
      return line === undefined
        ? undefined
        : { ...line, text: `${harmless(event.host)}/${harmless(event.vm)}: ${line.text}` };
    }
    default:
      return unreachable(event);
  }
}

/** The line of one VM's event, without the VM's name; what goes into its `backup.log`. */
export function vmLogLine(event: VmEvent): LogLine | undefined {
  switch (event.kind) {
    case "left-over-found":
      return {
        level: "warning",
        text: `Backup ${harmless(event.backupId)} died and left something on the host; restoring it first`,
      };
    case "left-over-restored":
      return info(`Host restored from backup ${harmless(event.backupId)}`);
    case "vm-started":
      return info("Backup started");
    case "step-started":
      return { level: "debug", text: `Step ${event.step}` };
    case "disk-found":
      return info(`Detected disk ${harmless(event.target)} → ${harmless(event.path)}`);
    case "disk-skipped":
      return { level: event.disk.losesData ? "warning" : "info", text: describeSkip(event.disk) };
    case "warning":
      return { level: "warning", text: describeWarning(event.warning) };
    case "snapshot-skipped":
      return info(`VM not running (state=${event.state}); skipping snapshot${asAfterPowerCut(event)}`);
    case "guard-armed":
      return { level: "debug", text: `Guard armed; by hand it is: ${harmless(event.command)}` };
    case "overlay-created":
      return { level: "debug", text: `${event.target}: writes go to ${harmless(event.path)}` };
    case "snapshot-taken":
      return info(
        event.consistency === "filesystem"
          ? "Snapshot taken, file systems frozen by the guest agent"
          : `Snapshot taken${asAfterPowerCut(event)}`,
      );
    case "copy-started":
      return info(`${harmless(event.target)}: ${harmless(event.from)} → ${harmless(event.to)}`);
    case "copy-progress":
    case "fold-progress":
    case "verify-progress":
      return undefined;
    case "copy-broken":
      return {
        level: "warning",
        text: `${harmless(event.target)}: the connection broke (${harmless(event.detail)}); going on in ${event.pauseSeconds} s`,
      };
    case "copy-finished":
      return info(
        `${harmless(event.target)}: ${formatBytes(event.bytes)} in ${formatSeconds(event.seconds)} (${formatBytes(event.bytes / Math.max(event.seconds, 0.001))}/s)`,
      );
    case "internal-snapshots":
      return info(
        event.names.length === 0
          ? "No internal snapshots found"
          : `Internal snapshots: ${event.names.map(quoted).join(", ")}`,
      );
    case "restoring-host":
      return info("Merging overlays back…");
    case "overlay-folded":
      return info(`${harmless(event.target)}: overlay merged into ${harmless(event.into)} and removed`);
    case "host-restored":
      return info(
        `Host restored; ${formatSeconds(event.secondsOnOverlay)} on overlay, which took up to ${formatBytes(event.overlayPeakBytes)}`,
      );
    case "left-on-host":
      return error(
        `The host could NOT be restored: ${event.left.map((left) => `${left.action}: ${harmless(left.detail)}`).join("; ")}. Never delete an overlay by hand; run on the host: ${harmless(event.command)}`,
      );
    case "not-compressed":
      return info(
        event.reason === "holds-snapshots"
          ? `${harmless(event.target)}: not compressed, since that would lose its internal snapshots`
          : `${harmless(event.target)}: not compressed, since it has a backing chain`,
      );
    case "compressed":
      return info(
        `${harmless(event.target)}: compressed with ${event.method}, ${formatBytes(event.bytesBefore)} → ${formatBytes(event.bytesAfter)}`,
      );
    case "xml-written":
      return info(`XML: ${harmless(event.path)}`);
    case "published": {
      const text = `Backup complete: ${harmless(event.path)} (${formatBytes(event.storedBytes)})`;
      return event.latestProblem === undefined
        ? info(text)
        : {
            level: "warning",
            text: `${text}; the link "latest" could not be made: ${harmless(event.latestProblem)}`,
          };
    }
    case "partial-kept":
      return {
        level: "warning",
        text: `Could not remove ${harmless(event.path)}: ${harmless(event.detail)}; the next backup will`,
      };
    case "rotated":
      return info(`Kept latest ${event.kept} backups under ${harmless(event.directory)}`);
    case "rotation-failed":
      return {
        level: "warning",
        text: `Could not remove old backups under ${harmless(event.directory)}: ${harmless(event.detail)}`,
      };
    case "vm-finished":
      return outcomeLine(event);
    default:
      return unreachable(event);
  }
}

function asAfterPowerCut({
  consistency,
  why,
}: Extract<VmEvent, { kind: "snapshot-taken" | "snapshot-skipped" }>): string {
  if (consistency !== "crash") return "";
  return `, crash-consistent${why === undefined ? "" : ` (${harmless(why)})`}`;
}

function outcomeLine({ outcome }: Extract<VmEvent, { kind: "vm-finished" }>): LogLine {
  switch (outcome.kind) {
    case "backed-up":
      return outcome.degradedBy.length === 0
        ? info(`OK in ${formatSeconds(outcome.seconds)}`)
        : { level: "warning", text: `DEGRADED: ${outcome.degradedBy.map(describeDegradation).join("; ")}` };
    case "failed":
      return error(describeFailure(outcome.reason));
    case "bug":
      return error(
        `BUG: ${harmless(outcome.error instanceof Error ? outcome.error.message : String(outcome.error))}`,
      );
    case "interrupted":
      return { level: "warning", text: "Interrupted; nothing of it is kept" };
    default:
      return unreachable(outcome);
  }
}

const info = (text: string): LogLine => ({ level: "info", text });
const error = (text: string): LogLine => ({ level: "error", text });
