// The file of --metrics-file.

import { BackupError } from "../model/failure.ts";
import { metricsText } from "../report/metrics.ts";
import type { RunFinished } from "../report/run-result-schema.ts";
import { readBounded } from "../store/read-bounded.ts";
import { replaceFile } from "../store/replace-file.ts";

const longestFile = 64 * 1024 * 1024;

/**
 * Writes a run's metrics in the place of those of the run before; everybody may read them.
 * @throws BackupError `usage` when that cannot be done; the old file is as it was then.
 */
export async function writeMetrics(file: string, result: RunFinished): Promise<void> {
  const before = await readBounded(file, longestFile);
  if (before.kind === "unreadable") throw failure(file, before.detail);
  const text = metricsText(result, before.kind === "text" ? before.text : "");
  try {
    await replaceFile(file, text, { mode: 0o644 });
  } catch (error) {
    throw failure(file, error instanceof Error ? error.message : String(error), error);
  }
}

function failure(file: string, detail: string, cause?: unknown): BackupError {
  const reason = { kind: "usage", detail: `Cannot write ${JSON.stringify(file)}: ${detail}` } as const;
  return new BackupError({ ...reason, hint: "Look at the file, and at the folder it is in" }, { cause });
}
