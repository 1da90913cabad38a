// Runs rsync, ssh and sudo for disk data: streams, bounded memory, and an end of the whole process tree on abort.

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import type { Command } from "../shell/command.ts";
import { signalGroup } from "../shell/signal-group.ts";
import type { Environment } from "../ssh/ask-client-config.ts";
import type { ProgramEnd } from "./rsync-outcome.ts";

/** A program at work. */
export interface RunningProgram {
  readonly stdout: Readable;
  /** Ended, but for one that keeps its input. */
  readonly stdin: Writable;
  /** How it ended; also for one that could not be started, with code 127. Never rejects. */
  readonly end: Promise<ProgramEnd>;
  /** Ends it and all it has started: TERM, and KILL 5 s later. What runs as root by sudo is left without a reader. */
  stop(): void;
}

export interface ProgramOptions {
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly input?: string;
  /** Whether more input comes. */
  readonly keepsInput?: boolean;
}

const graceMilliseconds = 5000;
const keptErrorLength = 16_384;
/** How long to wait for the end of stderr: an ssh of before 8.5 leaves it to its background process. */
const drainMilliseconds = 1000;

/** What makes rsync behave other than its arguments say. */
const rsyncVariables = [
  "RSYNC_RSH",
  "RSYNC_PROTECT_ARGS",
  "RSYNC_OLD_ARGS",
  "RSYNC_PARTIAL_DIR",
  "RSYNC_PROXY",
];

/** Starts a program in a process group of its own, so that Ctrl-C reaches only us. */
export function runProgram([program, ...args]: Command, options: ProgramOptions): RunningProgram {
  const child = spawn(program, args, {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
    env: cleanEnvironment(options.environment),
  });
  // A program that ends without reading its input is told of by how it ends.
  child.stdin.on("error", () => undefined);
  child.stdin.write(options.input ?? "");
  if (options.keepsInput !== true) child.stdin.end();
  let killTimer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    if (killTimer !== undefined) return;
    // What runs as root by sudo alone ends when nobody reads it any more.
    if (!signalGroup(child.pid, "SIGTERM")) child.stdout.destroy();
    killTimer = setTimeout(() => signalGroup(child.pid, "SIGKILL"), graceMilliseconds);
  };
  options.signal.addEventListener("abort", stop);
  const end = programEnd(child, child.stderr).finally(() => {
    clearTimeout(killTimer);
    options.signal.removeEventListener("abort", stop);
  });
  if (options.signal.aborted) stop();
  return { stdout: child.stdout, stdin: child.stdin, end, stop };
}

async function programEnd(child: ChildProcess, stderr: Readable): Promise<ProgramEnd> {
  let complaints = "";
  stderr.on("data", (chunk: Buffer) => {
    complaints = (complaints + chunk.toString("utf8")).slice(-keptErrorLength);
  });
  const drained = new Promise<void>((resolve) => stderr.once("close", () => resolve()));
  const code = await new Promise<number | null>((resolve) => {
    child.once("exit", resolve);
    child.once("error", (error) => {
      complaints += error.message;
      resolve(127);
    });
  });
  const timer = setTimeout(() => stderr.destroy(), drainMilliseconds);
  await drained.finally(() => clearTimeout(timer));
  return { code, stderr: complaints };
}

function cleanEnvironment(environment: Environment): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => !rsyncVariables.includes(name));
  return { ...Object.fromEntries(kept), LC_ALL: "C" };
}
