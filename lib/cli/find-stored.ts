// Targets of commands that look into the store → what lies there.

import { isGlob, matchesGlob } from "../config/glob.ts";
import type { Inventory } from "../config/inventory.ts";
import { nearestName } from "../config/nearest-name.ts";
import { splitWhen } from "../config/split-when.ts";
import { quoted } from "../report/wording.ts";
import type { StoreEntry } from "../store/backup-entry.ts";
import type { Store } from "../store/store.ts";
import { storedTargets, type StoredTarget } from "./stored-targets.ts";
import { usage } from "./usage.ts";

export interface StoredWishes {
  readonly command: string;
  readonly targets: readonly string[];
  readonly inventory: Inventory;
  /** Whether a target may say which of the backups: `HOST/VM@WHEN`. */
  readonly hasWhen?: boolean;
}

/**
 * What the targets name, each entry once; without targets all of the store.
 * @throws BackupError `usage` for a target that names nothing there; a host of the inventory may have nothing yet.
 */
export async function findStored(store: Store, wishes: StoredWishes): Promise<readonly StoreEntry[]> {
  const { command, targets, inventory, hasWhen = false } = wishes;
  if (targets.length === 0) return await store.listBackups();
  const found = new Map<string, StoreEntry>();
  const problems: string[] = [];
  for (const text of targets) {
    const { target, when } = hasWhen ? splitWhen(text) : { target: text, when: undefined };
    const wanted = storedTargets([target], inventory);
    const entries = (await Promise.all(wanted.map((one) => entriesOf(store, one)))).flat();
    const chosen = when === undefined ? entries : ofMoment(entries, when);
    for (const entry of chosen) found.set(entry.path, entry);
    const isKnown = wanted.some(
      ({ host, vm }) => vm === undefined && inventory.hosts.some(({ name }) => name === host),
    );
    if (chosen.length === 0 && (!isKnown || when !== undefined))
      problems.push(entries.length === 0 ? await unknown(store, text, target) : noMoment(text, entries));
  }
  if (problems.length > 0) throw usage(command, problems.join("; "));
  return [...found.values()];
}

/** Folders among them that this user may not look into, where backups may be. */
export function closedAmong(entries: readonly StoreEntry[]): readonly string[] {
  return entries.flatMap((entry) =>
    entry.kind === "foreign" && entry.what === "unreadable" ? [entry.path] : [],
  );
}

async function entriesOf(store: Store, { host, vm }: StoredTarget): Promise<readonly StoreEntry[]> {
  const isPattern = [host, vm].some((text) => text !== undefined && isGlob(text));
  if (!isPattern) return await store.listBackups(host, vm);
  const fits = (entry: StoreEntry): boolean =>
    matchesGlob(host ?? "*", entry.host) && (vm === undefined || matchesGlob(vm, entry.vm));
  return (await store.listBackups()).filter(fits);
}

/** `latest` is the newest good one of each VM, by what its manifest says. */
function ofMoment(entries: readonly StoreEntry[], when: string): readonly StoreEntry[] {
  if (when !== "latest") return entries.filter((entry) => "folderName" in entry && entry.folderName === when);
  const newest = new Map<string, StoreEntry & { readonly kind: "good" }>();
  for (const entry of entries) {
    if (entry.kind !== "good") continue;
    const key = JSON.stringify([entry.host, entry.vm]);
    const other = newest.get(key);
    if (other === undefined || entry.manifest.startedAt > other.manifest.startedAt) newest.set(key, entry);
  }
  return [...newest.values()];
}

async function unknown(store: Store, text: string, target: string): Promise<string> {
  const all = await store.listBackups();
  const names = target.includes("/")
    ? all.map(({ host, vm }) => `${host}/${vm}`)
    : all.map(({ host }) => host);
  const known = [...new Set(names.filter((name) => name !== "" && !name.endsWith("/")))].sort();
  const nearest = nearestName(target.replace(/^[^@/]*@/, ""), known);
  const hint =
    nearest !== undefined
      ? `the nearest is ${quoted(nearest)}`
      : known.length === 0
        ? "it holds none at all"
        : `it has backups of ${known.slice(0, 8).map(quoted).join(", ")}${known.length > 8 ? ` and ${known.length - 8} more` : ""}`;
  return `No backup of ${quoted(text)} in store ${quoted(store.directory)}: ${hint}`;
}

function noMoment(text: string, entries: readonly StoreEntry[]): string {
  const moments = entries.flatMap((entry) => ("folderName" in entry ? [entry.folderName] : [])).sort();
  if (moments.length === 0) return `No backup for ${quoted(text)}: there is no whole one`;
  const shown = moments.slice(-5).map(quoted).join(", ");
  return `No backup for ${quoted(text)}: the newest are ${shown}`;
}
