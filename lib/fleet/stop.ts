// Signals → stop gently, then at once.

import type { Emit } from "../model/event.ts";

/** How a run learns that it must stop. */
export interface Stop {
  /** Aborted by the first signal: start nothing new, end running copies, restore the hosts. */
  readonly signal: AbortSignal;
  /** Gives the signals back to the runtime. */
  release(): void;
}

const stopSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * For so long after the first signal others are its echo. A Ctrl-C reaches every process of the terminal, and those that
 * started us (npm, npx, tsx) hand theirs on to us as well: seen some 50 ms later, on a busy machine. A person who presses it
 * again has read what we said about it first.
 */
const echoMilliseconds = 1000;

/** Listens for SIGINT, SIGTERM and SIGHUP. The second one that is no echo of the first calls `leaveNow`. */
export function listenForStop(
  emit: Emit<{ readonly kind: "stopping"; readonly signal: string }>,
  leaveNow: (signal: string) => void,
  now: () => number = () => performance.now(),
): Stop {
  const controller = new AbortController();
  let stoppedAt = 0;
  const listeners = stopSignals.map((name) => {
    const listener = (): void => {
      if (!controller.signal.aborted) {
        stoppedAt = now();
        emit({ kind: "stopping", signal: name });
        controller.abort(name);
      } else if (now() - stoppedAt > echoMilliseconds) leaveNow(name);
    };
    process.on(name, listener);
    return [name, listener] as const;
  });
  return {
    signal: controller.signal,
    release: () => {
      for (const [name, listener] of listeners) process.off(name, listener);
    },
  };
}
