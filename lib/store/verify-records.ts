// The results of verifications in the store, each beside its backup.

import path from "node:path";
import { verifiedName } from "./layout.ts";
import { readBounded } from "./read-bounded.ts";
import type { RecordedBackup } from "./recorded-backup.ts";
import { replaceFile } from "./replace-file.ts";
import {
  formatVerifyRecord,
  maximumRecordBytes,
  parseVerifyRecord,
  type VerifyRecord,
} from "./verify-record.ts";

/** Puts a result beside its backup, or replaces the one before, at once and durably. Throws system errors. */
export async function writeVerifyRecord(backup: RecordedBackup, record: VerifyRecord): Promise<void> {
  await replaceFile(recordPath(backup), formatVerifyRecord(record), { mode: 0o600 });
}

/** The last result; undefined when there is none that can be read. */
export async function readVerifyRecord(backup: RecordedBackup): Promise<VerifyRecord | undefined> {
  const reading = await readBounded(recordPath(backup), maximumRecordBytes);
  return reading.kind === "text" ? parseVerifyRecord(reading.text, backup.backupId) : undefined;
}

function recordPath({ path: folder, folderName, backupId }: RecordedBackup): string {
  return path.join(path.dirname(folder), verifiedName(folderName, backupId));
}
