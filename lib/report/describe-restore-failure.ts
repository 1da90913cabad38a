// Failure of a restore → its sentence: where others speak of a backup, this speaks of a restore.

import type { FailureReason } from "../model/failure.ts";
import { commandLine } from "./command-line.ts";
import { describeFailure } from "./describe-failure.ts";
import { words } from "./wording.ts";

/** The sentence for whatever ended a restore. */
export function describeRestoreFailure(reason: FailureReason): string {
  switch (reason.kind) {
    case "connection-lost":
      return words`Lost the connection to host ${reason.host}: ${{ raw: reason.detail }}. What was begun there it undoes by itself. Check the network and run the restore again`;
    case "tool-missing":
      return words`Cannot find ${reason.tool} on ${reason.where}. Install it there and run the restore again`;
    case "lease-lost":
      return words`Cannot go on with the restore of ${reason.vm}: host ${reason.host} could not be told in time that this program lives (${{ raw: reason.detail }}), so it undoes everything within ${reason.seconds} s. Check the network and run the restore again`;
    case "host-restored-itself":
      return words`Cannot go on with the restore of ${reason.vm}: host ${reason.host} has undone it, because ${{ raw: reason.detail === "" ? "somebody asked it to" : reason.detail }}. Run the restore again`;
    case "guard-failed":
      return words`Cannot go on with the restore of ${reason.vm}: the safety net on host ${reason.host} does not hold: ${{ raw: reason.detail }}. Put that right on the host and run the restore again`;
    case "guard-held":
      return words`Cannot restore ${reason.vm}: ${{ raw: reason.controller }} has been at work on it on host ${reason.host} since ${{ raw: reason.since }}. Wait for it; to see whether it lives: ${{ whole: commandLine("recover") }} ${{ shell: reason.host }}`;
    case "vm-changed":
      return words`Cannot put anything in the place of ${reason.vm}: ${{ raw: reason.what }}. Nothing of it was touched; look at it and run the restore again`;
    case "store-missing":
    case "store-not-writable":
      return words`Cannot read store ${reason.store}. See that it is there, and that you may read it`;
    default:
      return describeFailure(reason);
  }
}
