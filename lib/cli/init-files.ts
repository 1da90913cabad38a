// Which files `virtfold init` writes, seen before anything is asked: what is there already is a person's work.

import { lstat, stat } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { usualInventory } from "../config/load-inventory.ts";
import { quoted } from "../report/wording.ts";
import { usage } from "./usage.ts";

/** Where the files go. */
export interface InitFiles {
  readonly directory: string;
  /** As the operator calls it. */
  readonly inventory: string;
  readonly inventoryPath: string;
  /** Whether commands find the inventory without being told where it is. */
  readonly isUsual: boolean;
  readonly envPath: string;
  /** Whether there is a `.env`, which then stays as it is. */
  readonly hasEnv: boolean;
  /** Where the inventory's JSON Schema is, as an editor finds it from the file. */
  readonly schema: string;
}

/** What the files depend on. */
export interface InitFilesWanted {
  readonly directory: string;
  readonly inventory: string | undefined;
  readonly hasStore: boolean;
  readonly isDryRun: boolean;
}

/** Finds where the files go. @throws BackupError `usage` when one cannot be written, or is there already. */
export async function findInitFiles(wanted: InitFilesWanted): Promise<InitFiles> {
  const { directory, hasStore, isDryRun } = wanted;
  const inventory = wanted.inventory ?? usualInventory;
  const inventoryPath = resolve(directory, inventory);
  const envPath = join(directory, ".env");
  if (!/\.ya?ml$/i.test(inventory))
    throw usage("init", `--inventory cannot be ${quoted(inventory)} here: a file that ends in .yaml`);
  const folder = dirname(inventoryPath);
  if ((await isThere(folder)) && !(await isFolder(folder)))
    throw usage(
      "init",
      `Cannot write ${quoted(inventory)}: ${quoted(dirname(inventory))} is a file, not a folder. Give another name with --inventory`,
    );
  const hasEnv = await isThere(envPath);
  if (!isDryRun) {
    if (await isThere(inventoryPath)) throw isThereAlready(inventory);
    if (hasEnv && !hasStore)
      throw usage(
        "init",
        ".env is there already, which is never overwritten, and names no store: put VIRTFOLD_STORE=FOLDER into it and run the command again",
      );
  }
  return {
    ...{ directory, inventory, inventoryPath, envPath, hasEnv },
    isUsual: inventoryPath === resolve(directory, usualInventory),
    schema: schemaFrom(dirname(inventoryPath), directory),
  };
}

/** The error for an inventory that nobody wants overwritten. */
export function isThereAlready(file: string): Error {
  return usage(
    "init",
    `${quoted(file)} is there already, and is never overwritten: write another file with --inventory NAME.yaml, or only look with --dry-run`,
  );
}

/** Whether there is such a folder. */
export async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function isThere(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}

/** Relative where the whole folder may be moved together, else an address that holds anywhere on this machine. */
function schemaFrom(folder: string, directory: string): string {
  const path = fileURLToPath(new URL("../../schema/inventory.schema.json", import.meta.url));
  const isInside = !relative(directory, path).startsWith("..");
  return isInside ? encodeURI(relative(folder, path)) : pathToFileURL(path).href;
}
