// Removal of one published backup.
//
// First the folder gets a name that no command takes for a backup; from then on the backup is gone as a whole.
// Its manifest goes last, so that a removal that was cut short can be finished and still be known as ours.

import { rename } from "node:fs/promises";
import path from "node:path";
import { BackupError } from "../model/failure.ts";
import type { GoodBackup } from "./backup-entry.ts";
import { checkBackup } from "./check-backup.ts";
import { claimBackup } from "./claim-backup.ts";
import { syncFolder } from "./durable-file.ts";
import { repairLatest } from "./latest-link.ts";
import { deletingFolderName, manifestName, vmFolders } from "./layout.ts";
import { formatManifest } from "./manifest.ts";
import { ownUser } from "./own-user.ts";
import { requireRealFolder } from "./real-folder.ts";
import { removeRecords } from "./remove-records.ts";
import { removeTree } from "./remove-tree.ts";
import type { StoreContext } from "./store-context.ts";

/**
 * Removes a backup that a listing found.
 * @throws BackupError `store-entry-bad` when what is there now is not what was listed, or a file in it was written
 * since it was published: a VM may be running on it; `backup-claimed` while somebody reads it. Then it stays as it is.
 */
export async function removeBackup(store: StoreContext, backup: GoodBackup): Promise<void> {
  const { host, vm } = backup.manifest;
  const [hostFolder, vmFolder] = vmFolders(host.name, vm.name);
  const home = path.join(store.directory, hostFolder, vmFolder);
  const { folderName } = backup;
  const folder = path.join(home, folderName);
  if (backup.path !== folder) throw refusal(backup.path, "not in this store");
  for (const level of [path.dirname(home), home, folder]) await requireRealFolder(level);
  const claim = await claimBackup(home, folderName, {
    kind: "removing",
    user: ownUser(),
    now: new Date(),
  });
  try {
    await requireSame(backup, { path: folder, hostFolder, vmFolder, folderName });
    store.onStep("removal-checked");
    await removeClaimed(store, { home, folder }, backup);
  } finally {
    claim.release();
  }
}

async function removeClaimed(
  store: StoreContext,
  { home, folder }: { readonly home: string; readonly folder: string },
  { folderName, manifest: { backupId } }: GoodBackup,
): Promise<void> {
  const doomed = path.join(home, deletingFolderName(folderName, backupId));
  await rename(folder, doomed);
  store.onStep("removal-renamed");
  await repairLatest(home, doomed);
  await removeRecords({ path: folder, folderName, backupId });
  await syncFolder(home);
  store.onStep("removal-durable");
  await removeTree(doomed, manifestName);
  store.onStep("removed");
}

async function requireSame(backup: GoodBackup, folder: Parameters<typeof checkBackup>[0]): Promise<void> {
  const check = await checkBackup(folder);
  if (check.kind === "broken")
    throw refusal(folder.path, `changed since it was listed: ${check.reason.kind}`);
  if (formatManifest(check.manifest) !== formatManifest(backup.manifest)) {
    throw refusal(folder.path, "another backup than the one listed");
  }
  const touched = check.touchedFiles[0];
  if (touched !== undefined)
    throw refusal(folder.path, `${touched} was written after the backup was published`);
}

function refusal(location: string, detail: string): BackupError {
  return new BackupError({ kind: "store-entry-bad", path: location, detail });
}
