// Lets a stream through no faster than it may come. Who reads is made to wait, and with him, pipe by pipe, who sends.

import { setTimeout as sleep } from "node:timers/promises";

/** How fast, until when, and by which clock. */
export interface Pace {
  /** 0 for as fast as it comes. */
  readonly bytesPerSecond: number;
  /** Ends a wait at once. */
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

/** Time, in milliseconds. */
export interface Clock {
  now(): number;
  /** @throws as soon as the signal aborts. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** Shorter waits are put off until they add up: timers are coarse, and each costs. */
const shortestWait = 50;
/** So much of a stream's own delay it may make good. All of it would be a flood after a pause. */
const longestCredit = 100;

/**
 * The same bytes, the last of them no sooner than all of them may have come at that rate.
 * @throws what the clock's wait throws when the signal aborts.
 */
export function paceStream(source: AsyncIterable<Buffer>, pace: Pace): AsyncIterable<Buffer> {
  return pace.bytesPerSecond === 0 ? source : paced(source, pace);
}

async function* paced(
  source: AsyncIterable<Buffer>,
  { bytesPerSecond, signal, clock = ownClock }: Pace,
): AsyncGenerator<Buffer> {
  let dueAt = clock.now();
  for await (const chunk of source) {
    dueAt = Math.max(dueAt, clock.now() - longestCredit) + (chunk.length / bytesPerSecond) * 1000;
    const early = dueAt - clock.now();
    if (early >= shortestWait) await clock.wait(early, signal);
    yield chunk;
  }
  const early = dueAt - clock.now();
  if (early > 0) await clock.wait(early, signal);
}

const ownClock: Clock = {
  now: () => performance.now(),
  wait: async (milliseconds, signal) => await sleep(milliseconds, undefined, { signal }),
};
