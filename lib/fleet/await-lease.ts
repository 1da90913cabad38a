// A guard whose lease is young: does its controller live, or did it die a moment ago?

import { setTimeout as sleep } from "node:timers/promises";
import type { HostShell } from "../backup/ports.ts";
import { findGuards } from "../guard/leftovers.ts";
import { isHeld, type GuardFacts } from "../model/guard.ts";
import { untilStopped } from "./until-stopped.ts";

/** `renewed`: its controller lives. `gone`: nothing of it is left. `expired`: nobody renews it. */
export type LeaseEnd = "renewed" | "gone" | "expired";

/** How much longer than its lease a host may take to say that it has run out. */
const patienceSeconds = 30;

/**
 * Waits until a lease is renewed or runs out, so at most about as long as it lasts.
 * @throws BackupError when the host cannot be asked; `interrupted`.
 */
export async function awaitLease(
  shell: HostShell,
  guard: GuardFacts,
  signal: AbortSignal,
): Promise<LeaseEnd> {
  const startedAt = performance.now();
  const pauseMilliseconds = Math.min(5000, Math.max(1000, (guard.leaseSeconds * 1000) / 12));
  const limitMilliseconds = (guard.leaseSeconds + patienceSeconds) * 1000;
  while (performance.now() - startedAt < limitMilliseconds) {
    await untilStopped(sleep(pauseMilliseconds, undefined, { signal }), signal);
    const askedAt = performance.now();
    const { guards } = await untilStopped(findGuards(shell), signal);
    const now = guards.find(({ folder }) => folder === guard.folder);
    if (now?.backupId !== guard.backupId) return "gone";
    if (!isHeld(now)) return "expired";
    if (hasRenewed(guard, now, (askedAt - startedAt) / 1000)) return "renewed";
  }
  return "renewed";
}

/**
 * Whether the lease was renewed between two looks that lie at least so far apart. Both ages are whole seconds, each
 * wrong by up to one.
 */
export function hasRenewed(
  before: Pick<GuardFacts, "renewedSecondsAgo">,
  after: Pick<GuardFacts, "renewedSecondsAgo">,
  secondsBetween: number,
): boolean {
  const was = before.renewedSecondsAgo ?? 0;
  const is = after.renewedSecondsAgo ?? Infinity;
  return is < was || is <= was + secondsBetween - 2;
}
