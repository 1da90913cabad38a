// What was noted beside a backup goes with it.

import { unlink } from "node:fs/promises";
import path from "node:path";
import { systemCode } from "./in-store.ts";
import { drilledName, verifiedName } from "./layout.ts";
import type { RecordedBackup } from "./recorded-backup.ts";

/** Removes the results of verifications and drills of a backup that is removed itself. */
export async function removeRecords({ path: folder, folderName, backupId }: RecordedBackup): Promise<void> {
  for (const name of [verifiedName(folderName, backupId), drilledName(folderName, backupId)]) {
    try {
      await unlink(path.join(path.dirname(folder), name));
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw error;
    }
  }
}
