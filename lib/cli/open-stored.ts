// The store that a command line, the environment, .env or the inventory names, for commands that look into it.

import { noInventory, type Inventory } from "../config/inventory.ts";
import { loadSettingTexts } from "../config/load.ts";
import type { SettingTexts } from "../config/settings.ts";
import type { Arguments } from "./arguments.ts";
import { openInventory } from "./open-inventory.ts";
import { usage } from "./usage.ts";

/** Where the store is, and what is said of its hosts. */
export interface StoredPlace {
  readonly directory: string;
  readonly inventory: Inventory;
  /** Flags, environment, .env: the first has precedence. */
  readonly sources: readonly SettingTexts[];
}

/**
 * Finds the store's folder. The inventory is not opened as long as nothing of it is needed, so that what lies in the
 * store can be looked at without one. @throws BackupError `usage`, `inventory-bad`.
 */
export async function findStorePlace(
  command: string,
  args: Extract<Arguments, { kind: "run" }>,
  { needsInventory = false }: { readonly needsInventory?: boolean } = {},
): Promise<StoredPlace> {
  const sources = [args.texts, ...(await loadSettingTexts(process.cwd()))];
  const given = sources.find(({ store }) => store)?.store;
  const isNeeded = needsInventory || given === undefined || args.targets.length > 0;
  const inventory = isNeeded ? await openInventory(sources) : noInventory;
  const directory = given ?? inventory.run.store;
  if (directory === undefined)
    throw usage(command, "--store (or VIRTFOLD_STORE) is missing: folder that holds the backups");
  return { directory, inventory, sources };
}
