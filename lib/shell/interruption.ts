import { BackupError } from "../model/failure.ts";

/** The error for work that an abort ended: the abort's own reason when it is one of ours; else it names the signal of the process that was the reason. */
export function interruption(signal: AbortSignal): BackupError {
  const reason: unknown = signal.reason;
  if (reason instanceof BackupError) return reason;
  const name = typeof reason === "string" ? reason : "abort";
  return new BackupError({ kind: "interrupted", signal: name }, { cause: reason });
}
