// What a round of the soak does, thrown with dice. Pure.

import type { Fault } from "../fault.ts";
import type { Random } from "./random.ts";

/** One backup of several VMs, and a fault during it. */
export interface Round {
  readonly fault: Fault;
  /** When it strikes, after the host was asked for its VMs. */
  readonly afterMilliseconds: number;
  /** How many VMs are backed up at once. */
  readonly perHost: number;
  /** What the line to the host carries. */
  readonly megabits: number;
}

/** A backup of a few small VMs is over by then, or nearly. */
const latestMilliseconds = 15_000;

/** The next round. */
export function planRound(random: Random, faults: readonly Fault[]): Round {
  return {
    fault: random.pick(faults),
    afterMilliseconds: random.below(latestMilliseconds),
    perHost: 1 + random.below(3),
    megabits: random.pick([100, 200, 1000]),
  };
}

/** The round in a few words. */
export function describeRound({ fault, afterMilliseconds, perHost, megabits }: Round): string {
  const seconds = (afterMilliseconds / 1000).toFixed(1);
  return `${fault.name} after ${seconds} s, ${perHost} at once, ${megabits} Mbit/s`;
}
