// Event of a drill → one line for a person.

import type { DrillEvent, DrillTrouble, Expectation } from "../model/drill.ts";
import { unreachable } from "../model/unreachable.ts";
import { formatBytes, formatSeconds } from "./format.ts";
import type { LogLine } from "./log-lines.ts";
import { restoreLine } from "./restore-lines.ts";
import { words } from "./wording.ts";

/** The log line of an event; undefined for those that need none. */
export function drillLine(event: DrillEvent): LogLine | undefined {
  switch (event.kind) {
    case "drill-started":
      return info(
        words`Drilling ${event.path} on ${event.host} as ${event.name}; sign of life: ${{ raw: describeExpectation(event.expected) }}`,
      );
    case "drill-step":
      return { level: "debug", text: `Step ${event.step}` };
    case "way-chosen":
      return info(
        event.way.kind === "overlay"
          ? "QEMU reads the backup where it is; what the clone writes goes into overlays"
          : words`Images are copied: ${{ raw: event.way.why }}`,
      );
    case "clone-booted":
      return info(
        words`Started, without a network; waiting up to ${{ raw: formatSeconds(event.timeoutSeconds) }} for its sign of life`,
      );
    case "sign-of-life":
      return info(
        `It lives: ${formatSeconds(event.rtoSeconds)} after the drill began, ${formatSeconds(event.bootSeconds)} after the start`,
      );
    case "no-life":
      return { level: "error", text: `No sign of life: ${describeTrouble(event.trouble)}` };
    case "evidence-kept":
      return info(words`Kept in the store: ${event.path}`);
    case "evidence-missing":
      return info(words`No ${{ raw: event.what }} to keep: ${{ raw: event.detail }}`);
    case "clone-removed":
      return info("The clone is gone; the host is as it was");
    default:
      return restoreLine(event);
  }
}

/** What is waited for, in words. */
export function describeExpectation(expected: Expectation): string {
  switch (expected.kind) {
    case "agent":
      return "its guest agent answers";
    case "port":
      return `something listens on TCP port ${expected.port}, says its guest agent`;
    case "serial":
      return words`a line of its serial console matches ${expected.pattern}`;
    default:
      return unreachable(expected);
  }
}

/** Why there was no life. */
export function describeTrouble(trouble: DrillTrouble): string {
  switch (trouble.kind) {
    case "not-started":
      return words`libvirt does not start it: ${{ raw: trouble.detail }}`;
    case "ended":
      return words`it ended before that (${{ raw: trouble.state }})`;
    case "silent":
      return words`nothing within ${{ raw: formatSeconds(trouble.seconds) }}${{ raw: trouble.detail === "" ? "" : `: ${trouble.detail}` }}`;
    case "too-much-output":
      return `it printed ${formatBytes(trouble.bytes)} without what was waited for`;
    case "no-room":
      return words`it was ended because only ${{ raw: formatBytes(trouble.freeBytes) }} are free in ${trouble.path}`;
    default:
      return unreachable(trouble);
  }
}

const info = (text: string): LogLine => ({ level: "info", text });
