// How long each step took.

import type { StepName } from "../model/event.ts";

/** Times steps by the given clock. */
export interface Stopwatch {
  time<T>(step: StepName, work: () => Promise<T>): Promise<T>;
  /** Seconds of each step that has ended so far. */
  seconds(): Readonly<Partial<Record<StepName, number>>>;
}

export function stopwatch(now: () => Date): Stopwatch {
  const seconds: Partial<Record<StepName, number>> = {};
  return {
    async time(step, work) {
      const startedAt = now().getTime();
      try {
        return await work();
      } finally {
        seconds[step] = Math.max(0, now().getTime() - startedAt) / 1000;
      }
    },
    seconds: () => ({ ...seconds }),
  };
}
