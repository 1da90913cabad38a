// Reads inventories from disk: a file, a folder of files, a script. Beside load.ts the only part of config/ that acts.

import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { BackupError } from "../model/failure.ts";
import { isInventoryName } from "./inventory-format.ts";
import type { Inventory, InventoryReading } from "./inventory.ts";
import { mergeInventories } from "./merge-inventories.ts";
import {
  isExecutable,
  readInventoryFile,
  unreadable,
  whyNot,
  type InventoryFile,
} from "./read-inventory-file.ts";

/** Where an inventory is looked for. */
export interface InventorySource {
  /** A file or folder that was asked for; without it the usual one is taken, if it is there. */
  readonly path: string | undefined;
  readonly directory: string;
  /** PATH, to find `ansible-inventory` on. */
  readonly searchPath: string | undefined;
}

/** Where an inventory is when nobody says where. */
export const usualInventory = "hosts/inventory.yaml";

/**
 * The inventory; undefined when none was asked for and there is none in the usual place.
 * @throws BackupError `inventory-bad` with all that is wrong in all files.
 */
export async function loadInventory(source: InventorySource): Promise<Inventory | undefined> {
  const name = source.path ?? usualInventory;
  const path = resolve(source.directory, name);
  const found = await stat(path).catch((error: unknown) => error as NodeJS.ErrnoException);
  if (found instanceof Error) {
    // Many an Ansible inventory is a file called `hosts`.
    const isMissing = found.code === "ENOENT" || found.code === "ENOTDIR";
    if (source.path === undefined && isMissing) return undefined;
    throw new BackupError({ kind: "inventory-bad", ...unreadable(name, whyNot(found)) });
  }
  if (!found.isDirectory() && !found.isFile())
    throw new BackupError({
      kind: "inventory-bad",
      ...unreadable(name, "it is neither a file nor a folder"),
    });
  const files = found.isDirectory() ? await filesOf(path, name) : [{ path, name }];
  const readings: InventoryReading[] =
    files.length === 0 ? [unreadable(name, "there is no inventory in this folder")] : [];
  // One after the other: scripts may take much.
  for (const file of files) readings.push(await readInventoryFile(file, source.searchPath));
  const reading = mergeInventories(readings);
  if ("problems" in reading) throw new BackupError({ kind: "inventory-bad", problems: reading.problems });
  return reading.inventory;
}

async function filesOf(folder: string, name: string): Promise<readonly InventoryFile[]> {
  const files: InventoryFile[] = [];
  for (const entry of (await readdir(folder)).toSorted()) {
    const path = join(folder, entry);
    const isFile = await stat(path).then(
      (found) => found.isFile(),
      () => false,
    );
    if (isFile && isInventoryName({ name: entry, isExecutable: await isExecutable(path) }))
      files.push({ path, name: join(name, entry) });
  }
  return files;
}
