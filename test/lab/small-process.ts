// To start a child, Linux copies the page tables of its parent: 3 ms for one of 50 MB here, 15 to 30 ms for a test with all
// that it has loaded. Tests start thousands, so a small process starts them (command-runner.ts).

import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import type { Command } from "../../lib/shell/command.ts";
import { runLocal } from "../../lib/shell/run-local.ts";
import type { LocalOptions, LocalResult } from "../../lib/shell/run-local.ts";

/** What the small process is asked. */
export interface RunnerQuestion {
  readonly number: number;
  readonly command: Command;
  readonly options: Omit<LocalOptions, "signal">;
}

/** What it answers: how the command ended, or why it could not be run at all. */
export type RunnerAnswer =
  | { readonly number: number; readonly result: LocalResult }
  | { readonly number: number; readonly refusal: string };

interface Pending {
  readonly resolve: (result: LocalResult) => void;
  readonly reject: (error: Error) => void;
}

interface Runner {
  readonly child: ChildProcess;
  readonly pending: Map<number, Pending>;
}

// Built by `npm test` for all of its tests; without it nothing is gained, and nothing else differs.
const program = process.env["VIRTFOLD_TEST_RUNNER"];
let current: Runner | undefined;
let lastNumber = 0;

/** What `runLocal` does, but started by a process that is small. A command that can be aborted is started here. */
export async function runInSmallProcess(command: Command, options: LocalOptions = {}): Promise<LocalResult> {
  const { signal, ...rest } = options;
  if (program === undefined || signal !== undefined) return await runLocal(command, options);
  const { child, pending } = (current ??= startRunner(program));
  const number = (lastNumber += 1);
  return await new Promise<LocalResult>((resolve, reject) => {
    pending.set(number, { resolve, reject });
    // The test must not end while it waits for this, nor wait for a process that nobody asks anything.
    child.channel?.ref();
    const question: RunnerQuestion = { number, command, options: rest };
    child.send(question, (error) => {
      if (error !== null) settle(current, number)?.reject(error);
    });
  });
}

function startRunner(path: string): Runner {
  const child = fork(path, [], {
    execArgv: [],
    serialization: "advanced",
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const runner: Runner = { child, pending: new Map() };
  child.unref();
  child.channel?.unref();
  child.on("message", (answer: RunnerAnswer) => {
    const pending = settle(runner, answer.number);
    if ("result" in answer) pending?.resolve(answer.result);
    else pending?.reject(new Error(answer.refusal));
  });
  const end = (): void => {
    if (current === runner) current = undefined;
    for (const number of runner.pending.keys())
      settle(runner, number)?.reject(
        new Error("Cannot run a command: the process that starts them has ended"),
      );
  };
  child.on("error", end);
  // Not "exit": nothing keeps the test alive until then.
  child.on("disconnect", end);
  return runner;
}

function settle(runner: Runner | undefined, number: number): Pending | undefined {
  const pending = runner?.pending.get(number);
  runner?.pending.delete(number);
  if (runner?.pending.size === 0) runner.child.channel?.unref();
  return pending;
}
