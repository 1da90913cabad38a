// A program that needs something which must not be left behind, however the program ends.

import { spawn } from "node:child_process";
import { endGroup } from "./end-group.ts";
import type { Argv } from "./runtimes.ts";
import { stopOnSignals } from "./stop-on-signals.ts";

export interface TakeDownOptions {
  /** Removes what the program has made, whatever it was doing when it ended. */
  readonly takeDown: () => Promise<void>;
  /** How long the program may take to end once a signal has come. */
  readonly graceSeconds: number;
}

/**
 * Runs a program whose output is shown, takes down what it has made, and returns the exit code to end with. A signal ends
 * the program first; the exit code tells of it then.
 */
export async function runThenTakeDown(
  argv: Argv,
  { takeDown, graceSeconds }: TakeDownOptions,
): Promise<number> {
  const stopping = stopOnSignals();
  try {
    let code: number;
    try {
      code = await runUntil(stopping.signal, argv, graceSeconds);
    } finally {
      await takeDown();
    }
    return stopping.exitCode() ?? code;
  } finally {
    stopping.release();
  }
}

async function runUntil(signal: AbortSignal, argv: Argv, graceSeconds: number): Promise<number> {
  const [program, ...args] = argv;
  // A group of its own: a Ctrl-C comes to it through us and only once, for a second one makes a backup leave at once.
  const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit"], detached: true });
  let groupGone: Promise<void> | undefined;
  const end = (): void => {
    if (child.pid !== undefined) groupGone = endGroup(child.pid, graceSeconds);
  };
  signal.addEventListener("abort", end, { once: true });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  await groupGone;
  return code ?? 1;
}
