// How long the last good backup of a VM took. Looks, and changes nothing.

import { readdir } from "node:fs/promises";
import path from "node:path";
import { checkBackup } from "./check-backup.ts";
import { systemCode } from "./in-store.ts";
import { readFolderName, vmFolders } from "./layout.ts";
import { pathKind } from "./real-folder.ts";

/** So many broken ones are looked at before it is given up: it is only an estimate. */
const mostLooks = 3;

/**
 * Seconds from the begin of the newest good backup to its end; undefined when there is none, or it cannot be told. Reads
 * one manifest, however many backups there are. Follows no link.
 */
export async function lastBackupSeconds(
  directory: string,
  host: string,
  vm: string,
): Promise<number | undefined> {
  const [hostFolder, vmFolder] = vmFolders(host, vm);
  const folder = path.join(directory, hostFolder, vmFolder);
  try {
    for (const place of [path.dirname(folder), folder])
      if ((await pathKind(place)) !== "folder") return undefined;
    const names = (await readdir(folder)).filter((name) => readFolderName(name).kind === "backup");
    for (const folderName of names.sort().reverse().slice(0, mostLooks)) {
      const place = path.join(folder, folderName);
      if ((await pathKind(place)) !== "folder") continue;
      const check = await checkBackup({ path: place, hostFolder, vmFolder, folderName });
      if (check.kind !== "good") continue;
      const { startedAt, finishedAt } = check.manifest;
      return Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt)) / 1000;
    }
    return undefined;
  } catch (error) {
    // Whether the store can be read at all shows where it matters.
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}
