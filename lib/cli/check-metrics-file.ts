import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { dirname } from "node:path";
import { usage } from "./usage.ts";

/** Checks that metrics, where they are wanted, can be written when the run is over. @throws BackupError `usage`. */
export async function checkMetricsFile(file: string | undefined): Promise<void> {
  if (file === undefined) return;
  const folder = dirname(file);
  try {
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    const detail = `cannot be ${JSON.stringify(file)}: nothing can be written into ${JSON.stringify(folder)} (${code})`;
    throw usage("backup", `--metrics-file (or VIRTFOLD_METRICS_FILE) ${detail}`);
  }
}
