// The reports of drills in the store, with what was kept of failed ones:
//
//   .virtfold/drills/2026-11-23-012500-000-1a2b3c.json            a run of drills, by the time of its start in UTC
//   .virtfold/drills/2026-11-23-012500-000-1a2b3c-1-serial.txt    what its first failed drill left
//
// Several runs may be under way at once; each has names of its own.

import { readdir, unlink } from "node:fs/promises";
import path from "node:path";
import { inStore } from "./in-store.ts";
import { backupFolderName, drillsName, ownFolderName } from "./layout.ts";
import { ownFolder } from "./own-folder.ts";
import { replaceFile } from "./replace-file.ts";

/** So many are kept, with all that belongs to them. */
export const mostDrillReports = 200;

const namePattern = /^(\d{4}-\d\d-\d\d-\d{6}-\d{3}-[0-9a-f]{6})(?:\.json|-\d{1,6}-[a-z]+\.[a-z]{3})$/;

/** The name of a run of drills that begins now; `token` is six hexadecimal digits. */
export function drillRunName(startedAt: Date, token: string): string {
  const thousandths = String(startedAt.getUTCMilliseconds()).padStart(3, "0");
  return `${backupFolderName(startedAt)}-${thousandths}-${token}`;
}

/** Writes the report of a run and removes the oldest above `mostDrillReports`. @throws BackupError `store-…`. */
export function writeDrillReport(store: string, name: string, text: string): Promise<void> {
  return inStore(store, async () => {
    const folder = await ownFolder(store, drillsName);
    await replaceFile(path.join(folder, `${name}.json`), text, { mode: 0o600 });
    const names = await readdir(folder);
    const runs = new Set(names.map((one) => namePattern.exec(one)?.[1]).filter((run) => run !== undefined));
    const kept = new Set([...runs].sort().slice(-mostDrillReports));
    for (const one of names) {
      const run = namePattern.exec(one)?.[1];
      if (run !== undefined && !kept.has(run)) await unlink(path.join(folder, one)).catch(() => {});
    }
  });
}

/** Where a piece of evidence goes: absolute, and as it is named in the store. Its folder is there then. */
export function evidencePlace(
  store: string,
  fileName: string,
): Promise<{ readonly file: string; readonly inStore: string }> {
  return inStore(store, async () => {
    const folder = await ownFolder(store, drillsName);
    return {
      file: path.join(folder, fileName),
      inStore: path.posix.join(ownFolderName, drillsName, fileName),
    };
  });
}
