// An inventory that was read: which hosts there are, how they are reached, what of them is backed up.

import type { Host } from "../model/host.ts";
import type { InventoryPlace, InventoryProblem } from "../model/inventory-problem.ts";
import type { SettingTexts } from "./settings.ts";
import type { VmRules } from "./vm-rules.ts";

/** All that one or several inventory files say. */
export interface Inventory {
  /** What holds for the run as a whole: the store, how much at once. */
  readonly run: SettingTexts;
  readonly runPlaces: ReadonlyMap<string, InventoryPlace>;
  readonly hosts: readonly InventoryHost[];
  /** Names of the hosts of each group, those of the groups in it included. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** What holds for a host that is in no inventory. */
  readonly defaults: SettingTexts;
}

/** One host, with what its groups and the defaults say of it. */
export interface InventoryHost {
  readonly name: string;
  readonly place: InventoryPlace;
  /** How it is reached. */
  readonly reach: Omit<Host, "name" | "destination" | "uri">;
  readonly settings: SettingTexts;
  readonly tags: readonly string[];
  readonly priority: number;
  readonly imageDirectory: string | undefined;
  readonly vms: VmRules;
}

/** An inventory, or everything that is wrong with it. */
export type InventoryReading =
  { readonly inventory: Inventory } | { readonly problems: readonly InventoryProblem[] };

/** No inventory: no host, no group, nothing said. */
export const noInventory: Inventory = {
  run: {},
  runPlaces: new Map(),
  hosts: [],
  groups: new Map(),
  defaults: {},
};
