// A HostShell for this machine: what a host does, without SSH.

import { spawn } from "node:child_process";
import type { CommandResult, HostShell, RunOptions } from "../../lib/backup/ports.ts";

export interface LocalShellOptions {
  /** The whole environment of what it runs. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Runs commands and scripts with `sh` on this machine. */
export function localShell({ environment }: LocalShellOptions): HostShell {
  const run = (argv: readonly string[], options: RunOptions = {}): Promise<CommandResult> => {
    const { deadlineSeconds = 60, onLine } = options;
    const child = spawn("timeout", ["-k", "5", `${deadlineSeconds}`, ...argv], {
      env: { ...environment, LC_ALL: "C" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const lines = lineReader(onLine);
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (onLine === undefined) stdout += text;
      else lines(text);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      // Ended by a signal: the deadline's, however this machine's `timeout` says so.
      child.on("close", (code) =>
        resolve({ code: code === null || code > 128 ? 124 : code, stdout, stderr }),
      );
    });
  };
  return {
    name: "this machine",
    run: (command, options) => run(command, options),
    runAll: async (commands, options) => {
      const results: CommandResult[] = [];
      for (const command of commands) results.push(await run(command, options));
      return results;
    },
    runScript: (script, argv, options) => run(["sh", "-c", script, "script", ...argv], options),
  };
}

/** Hands on each whole line. */
function lineReader(onLine: ((line: string) => void) | undefined): (text: string) => void {
  let rest = "";
  return (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine?.(line);
  };
}
