// Removal of backups that retention does without, but for those that somebody reads now.

import { BackupError, type FailureReason } from "../model/failure.ts";
import type { GoodBackup } from "../store/backup-entry.ts";
import type { Store } from "../store/store.ts";

/** What became of them; paths are absolute. */
export interface Removals {
  readonly removed: readonly string[];
  /** Being read, or nobody can tell: the next rotation takes them. */
  readonly claimed: readonly { readonly path: string; readonly reason: FailureReason }[];
}

/** Removes these backups one after the other. @throws BackupError as `removeBackup`, for anything but a claim. */
export async function removeUnclaimed(store: Store, backups: readonly GoodBackup[]): Promise<Removals> {
  const removed: string[] = [];
  const claimed: { path: string; reason: FailureReason }[] = [];
  for (const backup of backups) {
    try {
      await store.removeBackup(backup);
      removed.push(backup.path);
    } catch (error) {
      if (!(error instanceof BackupError && error.reason.kind === "backup-claimed")) throw error;
      claimed.push({ path: backup.path, reason: error.reason });
    }
  }
  return { removed, claimed };
}
