// Runs one check or test runner. lib/shell/run-local.ts is not used: here output is shown as it comes.

import { spawn } from "node:child_process";
import { endGroup } from "./end-group.ts";
import type { ProcessEnd } from "./judge-run.ts";
import { runtimeEnvironment } from "./runtimes.ts";
import type { Argv } from "./runtimes.ts";

export interface ProcessOptions {
  readonly directory: string;
  readonly limitSeconds: number;
  /** How long it may take to clean up after itself once told to end. */
  readonly graceSeconds: number;
  /** Show output as it comes. */
  readonly live: boolean;
  readonly signal: AbortSignal;
}

export interface FinishedProcess extends ProcessEnd {
  /** Standard output and standard error as they came. */
  readonly output: string;
  readonly seconds: number;
}

/** How long output may still come after the end, from children that outlived it and hold the pipe. */
const drainMilliseconds = 1000;

/**
 * Runs a program in a process group of its own and waits for its end. On abort or past the limit the whole
 * group is ended: TERM, then KILL after the grace. A program that cannot be started ends with code 127.
 */
export async function runProcess(argv: Argv, options: ProcessOptions): Promise<FinishedProcess> {
  const startedAt = performance.now();
  const [program, ...args] = argv;
  const child = spawn(program, args, {
    cwd: options.directory,
    env: runtimeEnvironment(process.env),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });

  const chunks: Buffer[] = [];
  const keep = (chunk: Buffer): void => {
    chunks.push(chunk);
    if (options.live) process.stdout.write(chunk);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);

  let endedBy: ProcessEnd["endedBy"];
  let groupGone: Promise<void> | undefined;
  const end = (reason: "limit" | "abort"): void => {
    if (endedBy !== undefined) return;
    endedBy = reason;
    if (child.pid !== undefined) groupGone = endGroup(child.pid, options.graceSeconds);
  };
  const limitTimer = setTimeout(() => end("limit"), options.limitSeconds * 1000);
  const onAbort = (): void => end("abort");
  options.signal.addEventListener("abort", onAbort, { once: true });
  if (options.signal.aborted) onAbort();

  try {
    const { code, signal } = await new Promise<Pick<ProcessEnd, "code" | "signal">>((resolve) => {
      child.once("error", (error) => {
        keep(Buffer.from(`${error.message}\n`));
        resolve({ code: 127, signal: null });
      });
      child.once("close", (code, signal) => resolve({ code, signal }));
      child.once("exit", (code, signal) => {
        setTimeout(() => resolve({ code, signal }), drainMilliseconds).unref();
      });
    });
    await groupGone;
    const seconds = (performance.now() - startedAt) / 1000;
    return { code, signal, endedBy, output: Buffer.concat(chunks).toString("utf8"), seconds };
  } finally {
    clearTimeout(limitTimer);
    options.signal.removeEventListener("abort", onAbort);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}
