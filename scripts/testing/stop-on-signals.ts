// Signals → stop, and the exit code that says so.

import { constants } from "node:os";

/** How a script learns that it must stop. */
export interface Stopping {
  /** Aborted by the first signal. Those after it change nothing: what runs then is the clearing up. */
  readonly signal: AbortSignal;
  /** 128 and the number of the signal, as a shell would say it; undefined as long as there was none. */
  exitCode(): number | undefined;
  /** Gives the signals back to the runtime. */
  release(): void;
}

const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Listens for SIGINT, SIGTERM and SIGHUP. */
export function stopOnSignals(): Stopping {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const stop = (name: NodeJS.Signals): void => {
    exitCode ??= 128 + constants.signals[name];
    controller.abort(name);
  };
  for (const name of names) process.on(name, stop);
  return {
    signal: controller.signal,
    exitCode: () => exitCode,
    release: () => {
      for (const name of names) process.off(name, stop);
    },
  };
}
