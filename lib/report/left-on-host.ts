// What of a VM still lies on its host at the end of a run. Pure.

import type { LeftOnHost } from "../model/guard.ts";
import type { VmStatus } from "./fleet-status.ts";

/**
 * What could not be undone on the host: by this run, or, where it did not begin because of that, of an earlier one.
 * Empty when nothing needs a person.
 */
export function leftOnHost({
  outcome,
  refusal,
}: Pick<VmStatus, "outcome" | "refusal">): readonly LeftOnHost[] {
  const reason = outcome?.kind === "failed" ? outcome.reason : refusal;
  const own = outcome?.leftOnHost ?? [];
  switch (reason?.kind) {
    case "guard-stuck":
      return own.length > 0 ? own : reason.left;
    case "vm-obstacle": {
      const { obstacle } = reason;
      if (obstacle.kind !== "own-overlay") return own;
      const { target, path, backupId } = obstacle;
      const detail = `${target} runs on ${path}, an overlay of backup ${backupId} that no guard can fold`;
      return [...own, { action: "fold-overlay", detail }];
    }
    case "snapshot-incomplete":
      return [
        ...own,
        ...reason.stays.map(({ target, path }) => ({
          action: "fold-overlay",
          detail: `the VM still runs on ${path}, where ${target} was plugged in meanwhile`,
        })),
      ];
    default:
      return own;
  }
}
