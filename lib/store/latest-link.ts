// The link `latest` beside the backups of one VM. A convenience: its trouble never makes a backup bad.

import { readdir, readlink, rename, symlink, unlink } from "node:fs/promises";
import path from "node:path";
import { syncFolder } from "./durable-file.ts";
import { systemCode } from "./in-store.ts";
import { latestName, readFolderName } from "./layout.ts";
import { pathKind } from "./real-folder.ts";

/**
 * Lets `latest` name this folder of the VM, or nothing; the link is replaced at once, never missing between.
 * @param scratch A folder of ours on the same file system; the new link is made in there.
 * @returns Why it could not be done, such as `EPERM` or `occupied` when something else has that name; else undefined.
 */
export async function pointLatest(
  vmFolder: string,
  folderName: string | undefined,
  scratch: string,
): Promise<string | undefined> {
  const link = path.join(vmFolder, latestName);
  try {
    const kind = await pathKind(link);
    if (kind !== "nothing" && kind !== "symbolic link") return "occupied";
    if (folderName === undefined) {
      if (kind !== "nothing") await unlink(link);
    } else {
      const fresh = path.join(scratch, latestName);
      await symlink(folderName, fresh);
      await rename(fresh, link);
    }
    await syncFolder(vmFolder);
    return undefined;
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    return code;
  }
}

/** Lets a `latest` that leads nowhere name the newest folder there is. */
export async function repairLatest(vmFolder: string, scratch: string): Promise<void> {
  const target = await readlink(path.join(vmFolder, latestName)).catch(() => undefined);
  const folders = (await readdir(vmFolder)).filter((name) => readFolderName(name).kind === "backup");
  if (target === undefined && folders.length === 0) return;
  if (target !== undefined && folders.includes(target)) return;
  await pointLatest(vmFolder, folders.sort().at(-1), scratch);
}
