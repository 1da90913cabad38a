import type { Command } from "../../lib/shell/command.ts";
import { toShell } from "../../lib/shell/command.ts";
import { runLocal } from "../../lib/shell/run-local.ts";
import type { LocalOptions } from "../../lib/shell/run-local.ts";

const defaultDeadlineSeconds = 60;

/** Runs a command on this machine and returns what it printed; throws, with the end of its errors, when it fails. */
export async function runChecked(command: Command, options: LocalOptions = {}): Promise<string> {
  const result = await runLocal(command, { deadlineSeconds: defaultDeadlineSeconds, ...options });
  if (result.code === 0) return result.stdout;
  const how =
    result.endedBy ?? (result.code === null ? `signal ${result.signal}` : `exit code ${result.code}`);
  const output = `${result.stdout}\n${result.stderr}`.trim().split("\n").slice(-15).join("\n");
  throw new Error(`Cannot run ${toShell(command).slice(0, 400)}: ${how}\n${output}`);
}
