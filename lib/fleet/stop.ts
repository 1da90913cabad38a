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

/** Listens for SIGINT, SIGTERM and SIGHUP. The second one calls `leaveNow`. */
export function listenForStop(
  emit: Emit<{ readonly kind: "stopping"; readonly signal: string }>,
  leaveNow: (signal: string) => void,
): Stop {
  const controller = new AbortController();
  const listeners = stopSignals.map((name) => {
    const listener = (): void => {
      if (controller.signal.aborted) leaveNow(name);
      else {
        emit({ kind: "stopping", signal: name });
        controller.abort(name);
      }
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
