// The store's own folder, beside those of the hosts.

import { mkdir } from "node:fs/promises";
import path from "node:path";
import { syncFolder } from "./durable-file.ts";
import { systemCode } from "./in-store.ts";
import { ownFolderName } from "./layout.ts";
import { requireRealFolder } from "./real-folder.ts";

/**
 * The folder for what belongs to no VM, or a folder inside it, made durably where it is missing. Nobody else may look.
 * @throws BackupError `store-entry-bad` when a link or a file stands there; system errors.
 */
export async function ownFolder(store: string, ...names: readonly string[]): Promise<string> {
  let parent = store;
  for (const name of [ownFolderName, ...names]) {
    const folder = path.join(parent, name);
    try {
      await mkdir(folder, { mode: 0o700 });
      await syncFolder(parent);
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw error;
      await requireRealFolder(folder);
    }
    parent = folder;
  }
  return parent;
}
