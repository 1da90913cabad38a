// The text of an inventory in our own format → typed hosts and groups, with all errors at once. Pure.

import { checkEntry } from "./check-entry.ts";
import { findDuplicates } from "./find-duplicates.ts";
import { inventoryHost, settingTexts } from "./host-levels.ts";
import { inventorySchema, type GroupEntry, type HostEntry, type InventoryEntry } from "./inventory-schema.ts";
import type { Inventory, InventoryHost, InventoryReading } from "./inventory.ts";
import { readYaml, type ValuePath, type YamlDocument } from "./yaml-document.ts";

/** Reads an inventory. `file` is what errors call it. Never throws. */
export function readInventory(text: string, file: string): InventoryReading {
  const document = readYaml(text, file);
  return "lineOf" in document ? inventoryOf(document, file) : document;
}

/** The inventory that a YAML document is. */
export function inventoryOf(document: YamlDocument, file: string): InventoryReading {
  const checked = checkEntry(inventorySchema, document.value ?? {});
  const wrong = "troubles" in checked ? checked.troubles : [];
  const problems = [
    ...document.problems,
    ...document.unknownTags,
    ...findDuplicates(document, file),
    ...wrong.map(({ path, trouble }) => ({ file, line: document.lineOf(path), trouble })),
  ].toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
  if (problems.length > 0 || "troubles" in checked) return { problems };
  return { inventory: collect(checked.entry, { document, file }) };
}

interface Source {
  readonly document: YamlDocument;
  readonly file: string;
}

function collect(entry: InventoryEntry, source: Source): Inventory {
  const hosts: InventoryHost[] = [];
  const groups = new Map<string, string[]>();
  const defaults = entry.defaults ?? {};
  collectGroup(entry, { path: [], levels: [defaults], names: [] }, { hosts, groups, source });
  const { store, concurrency } = entry;
  const run = {
    ...(store === undefined ? {} : { store }),
    ...(concurrency === undefined ? {} : { concurrency: String(concurrency) }),
  };
  const places = Object.keys(run).map((key) => [key, placeOf([key], source)] as const);
  return { run, runPlaces: new Map(places), hosts, groups, defaults: settingTexts(defaults) };
}

/** Where a group stands. */
interface Around {
  readonly path: ValuePath;
  /** What holds there, nearest first. */
  readonly levels: readonly HostEntry[];
  /** It and the groups around it. */
  readonly names: readonly string[];
}

function collectGroup(
  entry: Pick<GroupEntry, "hosts" | "groups">,
  { path, levels, names }: Around,
  into: {
    readonly hosts: InventoryHost[];
    readonly groups: Map<string, string[]>;
    readonly source: Source;
  },
): void {
  for (const [name, host] of Object.entries(entry.hosts ?? {})) {
    into.hosts.push(
      inventoryHost(name, placeOf([...path, "hosts", name], into.source), [host ?? {}, ...levels]),
    );
    for (const group of names) into.groups.get(group)?.push(name);
  }
  for (const [name, group] of Object.entries(entry.groups ?? {})) {
    into.groups.set(name, []);
    const { hosts: _hosts, groups: _groups, ...level } = group ?? {};
    const inner = { path: [...path, "groups", name], levels: [level, ...levels], names: [name, ...names] };
    collectGroup(group ?? {}, inner, into);
  }
}

function placeOf(path: ValuePath, { document, file }: Source): Inventory["hosts"][number]["place"] {
  return { file, line: document.lineOf(path) };
}
