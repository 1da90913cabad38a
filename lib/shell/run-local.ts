// Runs short commands on this machine. The only user of zx; disk data never passes through here,
// because zx keeps all output in memory.

import { $ } from "zx/core";
import { quoteArgument, type Command } from "./command.ts";
import { signalGroup } from "./signal-group.ts";

/** How a local command ended. `code` is null when a signal ended it. */
export interface LocalResult {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Set when it was us who ended it. */
  readonly endedBy: "abort" | "deadline" | "size" | undefined;
}

export interface LocalOptions {
  readonly signal?: AbortSignal;
  readonly deadlineSeconds?: number;
  /** Ends a command that prints more, on both outputs together: all of it is kept in memory. */
  readonly maximumBytes?: number;
  readonly input?: string;
  readonly directory?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

const graceMilliseconds = 2000;
/** How long after a command's end is waited for the end of what it printed; what is in the pipes comes at once. */
const lingerMilliseconds = 1000;

/**
 * Runs a command and waits for it. A command that fails or cannot be found is a result, not an exception.
 *
 * It runs in a process group of its own: an abort or a deadline ends the whole tree (TERM, then KILL after
 * 2 s). What it leaves running in another session may keep its output open: that is waited for 1 s after its end, no
 * longer. zx's own kill and timeout are not used: they crash the process where `ps` is missing.
 */
export async function runLocal(command: Command, options: LocalOptions = {}): Promise<LocalResult> {
  const child = $({
    quiet: true,
    nothrow: true,
    detached: true,
    // Left to itself zx wants bash, and where there is none every command ends without a code or a word.
    shell: "/bin/sh",
    prefix: "",
    postfix: "",
    quote: quoteArgument,
    env: { ...process.env, LC_ALL: "C", ...options.environment },
    ...(options.directory === undefined ? {} : { cwd: options.directory }),
    ...(options.input === undefined ? { stdio: ["ignore", "pipe", "pipe"] } : { input: options.input }),
  })`${[...command]}`;

  // A program need not read what it is given: that it ended without is told by how it ended.
  if (options.input !== undefined) child.stdin.on("error", () => undefined);
  let endedBy: LocalResult["endedBy"];
  let killTimer: NodeJS.Timeout | undefined;
  const end = (reason: NonNullable<LocalResult["endedBy"]>): void => {
    if (endedBy !== undefined) return;
    endedBy = reason;
    signalGroup(child.pid, "SIGTERM");
    killTimer = setTimeout(() => signalGroup(child.pid, "SIGKILL"), graceMilliseconds);
  };
  const { maximumBytes } = options;
  if (maximumBytes !== undefined) {
    let printed = 0;
    const count = (chunk: Buffer): void => {
      printed += chunk.length;
      if (printed > maximumBytes) end("size");
    };
    child.stdout.on("data", count);
    child.stderr.on("data", count);
  }
  let lingerTimer: NodeJS.Timeout | undefined;
  child.child?.once("exit", () => {
    lingerTimer = setTimeout(() => {
      child.stdout.destroy();
      child.stderr.destroy();
    }, lingerMilliseconds);
  });
  const onAbort = (): void => end("abort");
  if (options.signal?.aborted === true) queueMicrotask(onAbort);
  else options.signal?.addEventListener("abort", onAbort, { once: true });
  const deadline =
    options.deadlineSeconds === undefined
      ? undefined
      : setTimeout(() => end("deadline"), options.deadlineSeconds * 1000);

  try {
    const result = await child;
    return {
      code: result.exitCode,
      signal: result.signal,
      stdout: result.stdout,
      stderr: result.stderr,
      endedBy,
    };
  } finally {
    clearTimeout(deadline);
    clearTimeout(killTimer);
    clearTimeout(lingerTimer);
    options.signal?.removeEventListener("abort", onAbort);
  }
}
