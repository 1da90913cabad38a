// The results of drills in the store, each beside its backup.

import path from "node:path";
import {
  formatDrillRecord,
  maximumDrillRecordBytes,
  parseDrillRecord,
  type DrillRecord,
} from "./drill-record.ts";
import { drilledName } from "./layout.ts";
import { readBounded } from "./read-bounded.ts";
import type { RecordedBackup } from "./recorded-backup.ts";
import { replaceFile } from "./replace-file.ts";

/** Puts a result beside its backup, or replaces the one before, at once and durably. Throws system errors. */
export async function writeDrillRecord(backup: RecordedBackup, record: DrillRecord): Promise<void> {
  await replaceFile(recordPath(backup), formatDrillRecord(record), { mode: 0o600 });
}

/** The last result; undefined when there is none that can be read. */
export async function readDrillRecord(backup: RecordedBackup): Promise<DrillRecord | undefined> {
  const reading = await readBounded(recordPath(backup), maximumDrillRecordBytes);
  return reading.kind === "text" ? parseDrillRecord(reading.text, backup.backupId) : undefined;
}

function recordPath({ path: folder, folderName, backupId }: RecordedBackup): string {
  return path.join(path.dirname(folder), drilledName(folderName, backupId));
}
