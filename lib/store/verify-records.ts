// The results of verifications in the store, each beside its backup.

import { unlink } from "node:fs/promises";
import path from "node:path";
import { systemCode } from "./in-store.ts";
import { verifiedName } from "./layout.ts";
import { readBounded } from "./read-bounded.ts";
import { replaceFile } from "./replace-file.ts";
import {
  formatVerifyRecord,
  maximumRecordBytes,
  parseVerifyRecord,
  type VerifyRecord,
} from "./verify-record.ts";

/** A backup by its place and its own id. */
export interface RecordedBackup {
  /** Absolute. */
  readonly path: string;
  readonly folderName: string;
  readonly backupId: string;
}

/** Puts a result beside its backup, or replaces the one before, at once and durably. Throws system errors. */
export async function writeVerifyRecord(backup: RecordedBackup, record: VerifyRecord): Promise<void> {
  await replaceFile(recordPath(backup), formatVerifyRecord(record), { mode: 0o600 });
}

/** The last result; undefined when there is none that can be read. */
export async function readVerifyRecord(backup: RecordedBackup): Promise<VerifyRecord | undefined> {
  const reading = await readBounded(recordPath(backup), maximumRecordBytes);
  return reading.kind === "text" ? parseVerifyRecord(reading.text, backup.backupId) : undefined;
}

/** Removes the result of a backup that is removed itself. */
export async function removeVerifyRecord(backup: RecordedBackup): Promise<void> {
  try {
    await unlink(recordPath(backup));
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}

function recordPath({ path: folder, folderName, backupId }: RecordedBackup): string {
  return path.join(path.dirname(folder), verifiedName(folderName, backupId));
}
