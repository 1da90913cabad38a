// virtfold as a person starts it: a process with a command line, lines on standard error, and an exit code. It is the
// program that is installed, or the same one with its packages in it, built of the TypeScript as it is now; on a runtime
// that is named, the TypeScript itself.

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { buildProgram } from "../../../scripts/packaging/build-program.ts";
import { runtimeEnvironment, scriptCommand } from "../../../scripts/testing/runtimes.ts";
import type { Argv, RuntimeName } from "../../../scripts/testing/runtimes.ts";
import { waitUntil } from "../../lab/wait-until.ts";

const top = fileURLToPath(new URL("../../../", import.meta.url));
// `npm test` has built one for all. Another test file may run what it has built a moment ago.
const program = process.env["VIRTFOLD_TEST_PROGRAM"] ?? (await buildProgram(top, { keepStale: true }));
const limitSeconds = 600;

/** How a run ended. */
export interface RunEnd {
  /** Null when a signal ended it. */
  readonly code: number | null;
  /** The summary. */
  readonly stdout: string;
  /** The log. */
  readonly stderr: string;
}

/** A run that is under way, of `backup` or of another command. */
export interface RunningBackup {
  readonly pid: number;
  /** Waits until the log has a line that matches, and returns that line. */
  logged(pattern: RegExp): Promise<string>;
  signal(name: NodeJS.Signals): void;
  /** Closes our end of its output, as a terminal that is closed or a `tee` that is stopped does. */
  stopReading(): void;
  readonly end: Promise<RunEnd>;
}

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory?: string;
  /** `backup` when not given. */
  readonly command?:
    "backup" | "doctor" | "drill" | "init" | "list" | "plan" | "prune" | "recover" | "restore" | "verify";
  /** Runs the TypeScript on it. */
  readonly runtime?: RuntimeName;
}

/** Starts `virtfold backup` with these arguments. It is killed when it does not end in ten minutes. */
export function startBackup(args: readonly string[], options: RunOptions = {}): RunningBackup {
  const [file, ...first] = commandOf(options);
  const child = spawn(file, [...first, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...runtimeEnvironment(process.env), ...options.environment },
    ...(options.directory === undefined ? {} : { cwd: options.directory }),
    timeout: limitSeconds * 1000,
    killSignal: "SIGKILL",
  });
  const output = collect(child);
  const end = once(child, "close").then(([code]): RunEnd => ({ code: code as number | null, ...output }));
  return {
    pid: child.pid!,
    logged: (pattern) => logged(pattern, { child, output }),
    signal: (name) => void child.kill(name),
    stopReading: () => {
      child.stdout.destroy();
      child.stderr.destroy();
    },
    end,
  };
}

/** What starts a command of the built program; its arguments follow. */
export function programCommand(command: NonNullable<RunOptions["command"]>): Argv {
  return [process.execPath, program, command];
}

function commandOf({ command = "backup", runtime }: RunOptions): Argv {
  if (runtime === undefined) return programCommand(command);
  return [...scriptCommand(runtime), `${top}scripts/${command}.ts`];
}

/** Starts `virtfold recover` likewise. */
export function startRecover(args: readonly string[], options: RunOptions = {}): RunningBackup {
  return startBackup(args, { ...options, command: "recover" });
}

/** Runs `virtfold backup` with these arguments to its end. */
export async function runBackup(args: readonly string[], options: RunOptions = {}): Promise<RunEnd> {
  return await startBackup(args, options).end;
}

/** Runs `virtfold recover` with these arguments to its end. */
export async function runRecover(args: readonly string[], options: RunOptions = {}): Promise<RunEnd> {
  return await startRecover(args, options).end;
}

/** The one sentence about what went wrong under the summary of a run. */
export function onlySentence({ stdout }: RunEnd): string {
  const sentences = stdout.split("\n").filter((line) => line.startsWith("! "));
  if (sentences.length !== 1) throw new Error(`Cannot find one sentence about one trouble in:\n${stdout}`);
  return sentences[0]!.slice(2);
}

interface Output {
  stdout: string;
  stderr: string;
}

function collect(child: ChildProcess): Output {
  const output = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  return output;
}

async function logged(
  pattern: RegExp,
  { child, output }: { readonly child: ChildProcess; readonly output: Output },
): Promise<string> {
  const explain = (): string => `exit code ${child.exitCode}\n${output.stderr}${output.stdout}`;
  const options = { limitSeconds, everyMilliseconds: 5, explain };
  const line = await waitUntil(`the log says ${String(pattern)}`, options, async () => {
    const found = output.stderr.split("\n").find((text) => pattern.test(text));
    return found ?? (child.exitCode === null && child.signalCode === null ? undefined : "");
  });
  if (line === "") throw new Error(`The run ended before its log said ${String(pattern)}:\n${explain()}`);
  return line;
}
