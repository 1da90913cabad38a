// Keeps a stored backup from being removed while it is read.

import path from "node:path";
import { claimBackup, type Claim } from "../store/claim-backup.ts";
import { systemCode } from "../store/in-store.ts";
import { ownUser } from "../store/own-user.ts";

/** A claim; or, where nothing can be written, why nobody can be kept from removing the backup. */
export type ReadingHold = { readonly claim: Claim } | { readonly claim: undefined; readonly detail: string };

/** Claims a backup for reading. It may have gone before that: look then. @throws BackupError `backup-claimed` when it is being removed. */
export async function holdForReading(backup: {
  readonly path: string;
  readonly folderName: string;
}): Promise<ReadingHold> {
  const options = { kind: "reading", user: ownUser(), now: new Date() } as const;
  try {
    return { claim: await claimBackup(path.dirname(backup.path), backup.folderName, options) };
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    return { claim: undefined, detail: code };
  }
}
