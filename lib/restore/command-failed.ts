import { BackupError } from "../model/failure.ts";
import type { RestorePlan } from "../model/restore.ts";

/** The error for a command on the host that did not end well, with the last thing that it said. */
export function commandFailed(
  { host }: RestorePlan,
  command: string,
  { code, stderr }: { readonly code: number; readonly stderr: string },
): BackupError {
  const detail = stderr.trim().split("\n").at(-1) ?? "";
  return new BackupError({ kind: "command-failed", host: host.name, command, code, detail });
}
