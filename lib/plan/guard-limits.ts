// When a host gives a backup up by itself. Pure.

import type { GuardLimits } from "../model/plan.ts";
import type { VmFacts } from "../model/vm.ts";

const mostReserveBytes = 2 ** 30;
/** A guest that writes fast fills a tenth of what is free in more than the second between two looks at it. */
const reserveShare = 1 / 10;

/** The limits of one VM's backup: what is free now decides how much of it shall stay free. */
export function guardLimits(
  vm: Pick<VmFacts, "freeBytes">,
  options: { readonly leaseSeconds: number; readonly overlayBudget: number | undefined },
): GuardLimits {
  const least = Math.min(...vm.freeBytes.values());
  const reserveBytes = Number.isFinite(least)
    ? Math.floor(Math.min(mostReserveBytes, least * reserveShare))
    : 0;
  return { leaseSeconds: options.leaseSeconds, budgetBytes: options.overlayBudget ?? 0, reserveBytes };
}
