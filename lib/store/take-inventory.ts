// What lies in a partial backup's folder.

import { readdir, rmdir } from "node:fs/promises";
import path from "node:path";
import { BackupError } from "../model/failure.ts";
import { pathKind } from "./real-folder.ts";

/** The folders and files below a folder: paths relative to it, sorted, parents first; "" is the folder itself. */
export interface Inventory {
  readonly folders: readonly string[];
  readonly files: readonly string[];
}

const maximumDepth = 4;

/**
 * Lists everything below a folder of ours; empty folders are removed on the way.
 * @throws BackupError `store-entry-bad` for a link, a special file, or folders nested too deep.
 */
export async function takeInventory(folder: string): Promise<Inventory> {
  const folders: string[] = [];
  const files: string[] = [];
  const visit = async (relative: string, depth: number): Promise<void> => {
    const names = (await readdir(path.join(folder, relative))).sort();
    if (names.length === 0 && depth > 0) return rmdir(path.join(folder, relative));
    if (depth > maximumDepth) throw bad(path.join(folder, relative), "nested too deep");
    folders.push(relative);
    for (const name of names) {
      const inner = path.posix.join(relative, name);
      const kind = await pathKind(path.join(folder, inner));
      if (kind === "folder") await visit(inner, depth + 1);
      else if (kind === "file") files.push(inner);
      else throw bad(path.join(folder, inner), `${kind} in a backup`);
    }
  };
  await visit("", 0);
  return { folders, files };
}

/**
 * Holds an inventory against the files that a backup is to have.
 * @throws BackupError `store-entry-bad` for the first file that is missing or was not expected.
 */
export function checkInventory(
  inventory: Inventory,
  expected: {
    readonly folder: string;
    readonly needed: readonly string[];
    readonly allowed: readonly string[];
  },
): void {
  const present = new Set(inventory.files);
  const missing = expected.needed.find((fileName) => !present.has(fileName));
  if (missing !== undefined) throw bad(path.join(expected.folder, missing), "missing");
  const known = new Set([...expected.needed, ...expected.allowed]);
  const stray = inventory.files.find((fileName) => !known.has(fileName));
  if (stray !== undefined) throw bad(path.join(expected.folder, stray), "not part of this backup");
}

function bad(location: string, detail: string): BackupError {
  return new BackupError({ kind: "store-entry-bad", path: location, detail });
}
