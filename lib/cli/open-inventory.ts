// The inventory that a command line, the environment or .env names.

import { environment } from "../config/load.ts";
import { loadInventory } from "../config/load-inventory.ts";
import { noInventory, type Inventory } from "../config/inventory.ts";
import type { SettingTexts } from "../config/settings.ts";

/** The inventory that the first of the sources names, else the usual one, else one without hosts. @throws BackupError. */
export async function openInventory(sources: readonly SettingTexts[]): Promise<Inventory> {
  const path = sources.find(({ inventory }) => inventory !== undefined)?.inventory;
  const searchPath = environment()["PATH"];
  return (await loadInventory({ path, directory: process.cwd(), searchPath })) ?? noInventory;
}
