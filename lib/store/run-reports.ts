// The reports of runs in the store: `.virtfold/runs/2026-11-23-012500-000.json`, the time of the run's start in UTC.

import { readdir, unlink } from "node:fs/promises";
import path from "node:path";
import { inStore, systemCode } from "./in-store.ts";
import { backupFolderName, ownFolderName, runsName } from "./layout.ts";
import { ownFolder } from "./own-folder.ts";
import { readBounded } from "./read-bounded.ts";
import { replaceFile } from "./replace-file.ts";

/** So many are kept. */
export const mostRunReports = 200;

const longestReport = 64 * 1024 * 1024;
const namePattern = /^\d{4}-\d\d-\d\d-\d{6}-\d{3}\.json$/;

/**
 * Writes the report of the run that began then, or replaces it, and removes the oldest above `mostRunReports`. Only for
 * the run that holds the store. @throws BackupError `store-full`, `store-not-writable`, `store-entry-bad`.
 */
export function writeRunReport(store: string, startedAt: Date, text: string): Promise<void> {
  return inStore(store, async () => {
    const folder = await ownFolder(store, runsName);
    await replaceFile(path.join(folder, reportName(startedAt)), text, { mode: 0o600 });
    const old = (await reportNames(folder)).slice(0, -mostRunReports);
    for (const name of old) await unlink(path.join(folder, name)).catch(() => {});
  });
}

/** A report's text, and where it is. */
export interface FoundReport {
  readonly path: string;
  /** Undefined when it cannot be read. */
  readonly text: string | undefined;
}

/** The report of the last run; undefined when there is none. */
export function readLastRunReport(store: string): Promise<FoundReport | undefined> {
  return inStore(store, async () => {
    const folder = path.join(store, ownFolderName, runsName);
    const name = (await reportNames(folder)).at(-1);
    if (name === undefined) return undefined;
    const reading = await readBounded(path.join(folder, name), longestReport);
    return { path: path.join(folder, name), text: reading.kind === "text" ? reading.text : undefined };
  });
}

/** Two runs that begin in the same second are told apart by its thousandths. */
function reportName(startedAt: Date): string {
  const thousandths = String(startedAt.getUTCMilliseconds()).padStart(3, "0");
  return `${backupFolderName(startedAt)}-${thousandths}.json`;
}

async function reportNames(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => namePattern.test(name)).sort();
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
}
