// Makes the folder that one backup is written into.

import { mkdir } from "node:fs/promises";
import path from "node:path";
import { BackupError } from "../model/failure.ts";
import { syncFolder, writeDurably } from "./durable-file.ts";
import { inStore, systemCode } from "./in-store.ts";
import {
  contentName,
  innerFolders,
  isBackupId,
  ownerName,
  partialFolderName,
  readFolderName,
  vmFolders,
} from "./layout.ts";
import { describeOwner, formatOwner } from "./owner.ts";
import type { BackupIdentity, PartialBackup } from "./partial-backup.ts";
import { openPartial } from "./partial-backup.ts";
import { ensureRealFolder, pathKind } from "./real-folder.ts";
import { removeTree } from "./remove-tree.ts";
import type { StoreContext } from "./store-context.ts";

/**
 * Makes the folder for one backup.
 * @throws BackupError `store-conflict` when a backup of that name exists; `store-entry-bad` when a link stands in the way.
 */
export function beginBackup(store: StoreContext, identity: BackupIdentity): Promise<PartialBackup> {
  checkIdentity(identity);
  return inStore(store.directory, async () => {
    const [hostFolder, vmFolder] = vmFolders(identity.host, identity.vm);
    const host = await ensureRealFolder(store.directory, hostFolder);
    const home = await ensureRealFolder(host, vmFolder);
    const finalPath = path.join(home, identity.folderName);
    if ((await pathKind(finalPath)) !== "nothing") throw conflict(finalPath);
    const folder = path.join(home, partialFolderName(identity.backupId));
    await makePartial(folder, store.onStep);
    return openPartial(store, identity, { home, folder, finalPath });
  });
}

function checkIdentity({ backupId, folderName }: BackupIdentity): void {
  if (!isBackupId(backupId)) throw new Error(`No backup id: ${JSON.stringify(backupId)}`);
  if (readFolderName(folderName).kind !== "backup")
    throw new Error(`No folder name: ${JSON.stringify(folderName)}`);
}

async function makePartial(folder: string, onStep: StoreContext["onStep"]): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if (systemCode(error) === "EEXIST") throw conflict(folder);
    throw error;
  }
  try {
    onStep("folder-made");
    await fillPartial(folder, onStep);
  } catch (error) {
    // Without an owner's note nobody could ever prove that this folder is left over.
    await removeTree(folder, ownerName).catch(() => {});
    throw error;
  }
}

async function fillPartial(folder: string, onStep: StoreContext["onStep"]): Promise<void> {
  await writeDurably(path.join(folder, ownerName), formatOwner(await describeOwner()));
  onStep("owner-written");
  const content = path.join(folder, contentName);
  await mkdir(content, { mode: 0o700 });
  for (const name of innerFolders) await mkdir(path.join(content, name), { mode: 0o700 });
  await syncFolder(folder);
  onStep("partial-ready");
}

function conflict(location: string): BackupError {
  return new BackupError({ kind: "store-conflict", path: location });
}
