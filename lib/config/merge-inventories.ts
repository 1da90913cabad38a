// Several inventory files → one inventory. Pure.

import type { InventoryPlace, InventoryProblem } from "../model/inventory-problem.ts";
import type { Inventory, InventoryHost, InventoryReading } from "./inventory.ts";
import type { SettingTexts } from "./settings.ts";

/** Joins what was read. Groups of one name are one group; a host may be in one file only; defaults hold in their own file. */
export function mergeInventories(readings: readonly InventoryReading[]): InventoryReading {
  const problems = readings.flatMap((reading) => ("problems" in reading ? reading.problems : []));
  const inventories = readings.flatMap((reading) => ("problems" in reading ? [] : [reading.inventory]));
  const hosts = new Map<string, InventoryHost>();
  const groups = new Map<string, readonly string[]>();
  const run: Record<string, string> = {};
  const runPlaces = new Map<string, InventoryPlace>();
  const all: InventoryProblem[] = [...problems];
  for (const inventory of inventories) {
    for (const host of inventory.hosts) {
      const first = hosts.get(host.name)?.place;
      if (first === undefined) hosts.set(host.name, host);
      else
        all.push({
          ...host.place,
          trouble: { kind: "duplicate-name", what: "host", name: host.name, first },
        });
    }
    for (const [name, members] of inventory.groups)
      groups.set(name, [...(groups.get(name) ?? []), ...members]);
    for (const [key, place] of inventory.runPlaces) {
      const text = inventory.run[key as keyof SettingTexts] ?? "";
      const first = runPlaces.get(key);
      if (first !== undefined && run[key] !== text)
        all.push({ ...place, trouble: { kind: "contradiction", key, first } });
      if (first === undefined) runPlaces.set(key, place);
      run[key] ??= text;
    }
  }
  if (all.length > 0) return { problems: all };
  const defaults = inventories.length === 1 ? (inventories[0]?.defaults ?? {}) : {};
  return { inventory: { run, runPlaces, hosts: [...hosts.values()], groups, defaults } satisfies Inventory };
}
