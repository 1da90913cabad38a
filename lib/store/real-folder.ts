// Folders below the store's root: made and entered one level at a time, never through a symbolic link.

import { chmod, lstat, mkdir, readdir } from "node:fs/promises";
import path from "node:path";
import { BackupError } from "../model/failure.ts";
import { syncFolder } from "./durable-file.ts";
import { systemCode } from "./in-store.ts";
import { folderMode } from "./layout.ts";

/**
 * The folder `name` inside `parent`, made durably with `folderMode` when it is not there.
 * @throws BackupError `store-entry-bad` when a link or a file stands there; `store-conflict` when the file system
 * takes it for the folder of another name (`Web` and `web` where case is ignored).
 */
export async function ensureRealFolder(parent: string, name: string): Promise<string> {
  const folder = path.join(parent, name);
  try {
    await mkdir(folder, { mode: folderMode });
    // The umask may have taken something away.
    await chmod(folder, folderMode);
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
    await requireRealFolder(folder);
    const spellings = (await readdir(parent)).map((entry) => entry.normalize("NFC"));
    if (!spellings.includes(name.normalize("NFC"))) {
      throw new BackupError({ kind: "store-conflict", path: folder }, { cause: error });
    }
  }
  // Also when it was there: whoever made it may have died before this.
  await syncFolder(parent);
  return folder;
}

/** @throws BackupError `store-entry-bad` unless a folder is there that is no symbolic link. */
export async function requireRealFolder(folder: string): Promise<void> {
  const kind = await pathKind(folder);
  if (kind === "folder") return;
  throw new BackupError({ kind: "store-entry-bad", path: folder, detail: `${kind}, not a folder` });
}

/** What stands at a path; the last component is not followed. */
export async function pathKind(
  location: string,
): Promise<"folder" | "file" | "symbolic link" | "special file" | "nothing"> {
  try {
    const facts = await lstat(location);
    if (facts.isSymbolicLink()) return "symbolic link";
    if (facts.isDirectory()) return "folder";
    return facts.isFile() ? "file" : "special file";
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return "nothing";
    throw error;
  }
}
