// What is in the store. Looks, and changes nothing.

import { readdir } from "node:fs/promises";
import path from "node:path";
import type { EntryPlace, StoreEntry } from "./backup-entry.ts";
import { checkBackup } from "./check-backup.ts";
import { readDrillRecord } from "./drill-records.ts";
import { decodeName, encodeName } from "./encode-name.ts";
import { systemCode } from "./in-store.ts";
import { readFolderName } from "./layout.ts";
import { pathKind } from "./real-folder.ts";
import { readVerifyRecord } from "./verify-records.ts";

/**
 * Everything in the store, or of one host, or of one VM of it, in the order of names and times.
 *
 * One bad entry is an entry that says so; only a store that cannot be read at all throws. Links are not followed.
 * Plain files and names that begin with `.` are passed over, except our own.
 */
export async function listBackups(
  directory: string,
  host?: string,
  vm?: string,
): Promise<readonly StoreEntry[]> {
  const entries: StoreEntry[] = [];
  const report: Report = (entry) => void entries.push(entry);
  await readdir(directory);
  for (const hostFolder of await subfolders({ host: "", vm: "", path: directory }, host, report)) {
    const hostPlace = { host: readable(hostFolder), vm: "", path: path.join(directory, hostFolder) };
    for (const vmFolder of await subfolders(hostPlace, vm, report)) {
      const place = { ...hostPlace, vm: readable(vmFolder), path: path.join(hostPlace.path, vmFolder) };
      await listVm(place, [hostFolder, vmFolder], report);
    }
  }
  return entries;
}

type Report = (entry: StoreEntry) => void;

/** The real folders among a folder's visible names; links and what cannot be read are reported. */
async function subfolders(
  parent: EntryPlace,
  wanted: string | undefined,
  report: Report,
): Promise<readonly string[]> {
  const names = await namesIn(parent, report);
  const visible = names.filter((name) => !name.startsWith("."));
  const found: string[] = [];
  for (const name of wanted === undefined
    ? visible
    : visible.filter((entry) => entry === encodeName(wanted))) {
    const place = { ...parent, path: path.join(parent.path, name) };
    if (await isFolder(place, report)) found.push(name);
  }
  return found;
}

/** `names` are those of the host's and the VM's folder. */
async function listVm(place: EntryPlace, names: readonly [string, string], report: Report): Promise<void> {
  for (const name of await namesIn(place, report)) {
    const entryPlace = { ...place, path: path.join(place.path, name) };
    const meaning = readFolderName(name);
    if (meaning.kind === "latest" || (meaning.kind === "other" && name.startsWith("."))) continue;
    if (!(await isFolder(entryPlace, report))) continue;
    if (meaning.kind === "other") report({ kind: "foreign", ...entryPlace, what: "unknown-name" });
    else if (meaning.kind !== "backup") report({ ...entryPlace, ...meaning });
    else {
      const [hostFolder, vmFolder] = names;
      const check = await checkBackup({ path: entryPlace.path, hostFolder, vmFolder, folderName: name });
      if (check.kind === "good") {
        const { backupId } = check.manifest;
        const recorded = { path: entryPlace.path, folderName: name, backupId };
        const [verification, drill] = [await readVerifyRecord(recorded), await readDrillRecord(recorded)];
        report({ ...entryPlace, folderName: name, ...check, verification, drill });
      } else if ((await pathKind(entryPlace.path)) !== "nothing") {
        // Else it was removed while we looked: that is no damage.
        report({ ...entryPlace, folderName: name, ...check });
      }
    }
  }
}

async function namesIn(folder: EntryPlace, report: Report): Promise<readonly string[]> {
  try {
    return (await readdir(folder.path)).sort();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    report({ kind: "foreign", ...folder, what: "unreadable" });
    return [];
  }
}

async function isFolder(place: EntryPlace, report: Report): Promise<boolean> {
  try {
    const kind = await pathKind(place.path);
    if (kind === "symbolic link") report({ kind: "foreign", ...place, what: "symbolic-link" });
    return kind === "folder";
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    report({ kind: "foreign", ...place, what: "unreadable" });
    return false;
  }
}

function readable(component: string): string {
  return decodeName(component) ?? component;
}
