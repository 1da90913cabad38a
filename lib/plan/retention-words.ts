// Why a backup stays or goes, in few words. Pure.

import { unreachable } from "../model/unreachable.ts";
import type { IgnoreReason, KeepReason, RemoveReason } from "./plan-retention.ts";

/** Why it stays. */
export function keepWords(reason: KeepReason): string {
  switch (reason.kind) {
    case "just-published":
      return "just made";
    case "newest":
      return "the newest";
    case "newest-whole":
      return "the newest that holds the whole VM";
    case "within-limit":
      return `${reason.position} of at most ${reason.limit}`;
    case "by-rules":
      return reason.rules
        .map(({ rule, period }) => (rule === "last" ? "last" : `${rule} ${period}`))
        .join(", ");
    default:
      return unreachable(reason);
  }
}

/** Why it goes. */
export function removeWords(reason: RemoveReason): string {
  return reason.kind === "beyond-limit"
    ? `${reason.position}, and ${reason.limit} are kept`
    : "no rule keeps it";
}

/** Why it is no matter of retention. */
export function ignoreWords(reason: IgnoreReason): string {
  switch (reason.kind) {
    case "not-good":
      return `${reason.state}: neither counted nor removed`;
    case "other-vm":
      return "of another VM with that name";
    case "touched":
      return "written to since: a VM may be running on it";
    case "damaged":
      return "damaged, says its last verification: neither counted nor removed";
    case "from-the-future":
      return "begins after now: a clock was or is wrong; neither counted nor removed";
    default:
      return unreachable(reason);
  }
}
