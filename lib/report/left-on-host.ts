// What of a VM still lies on its host at the end of a run. Pure.

import type { LeftOnHost } from "../model/guard.ts";
import type { VmStatus } from "./fleet-status.ts";

/**
 * What could not be undone on the host: by this run, or, where it did not begin because of that, of an earlier one.
 * Empty when nothing needs a person.
 */
export function leftOnHost({ outcome, refusal }: VmStatus): readonly LeftOnHost[] {
  if (outcome !== undefined && outcome.leftOnHost.length > 0) return outcome.leftOnHost;
  const reason = outcome?.kind === "failed" ? outcome.reason : refusal;
  return reason?.kind === "guard-stuck" ? reason.left : [];
}
