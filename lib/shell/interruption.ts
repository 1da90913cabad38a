import { BackupError } from "../model/failure.ts";

/** The error for work that an abort ended: the abort's own reason when it is one of ours. */
export function interruption(signal: AbortSignal): BackupError {
  const reason: unknown = signal.reason;
  if (reason instanceof BackupError) return reason;
  return new BackupError({ kind: "interrupted", signal: "abort" }, { cause: reason });
}
