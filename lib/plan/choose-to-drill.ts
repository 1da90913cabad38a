// Which stored backups to boot now. Pure.

import type { GoodBackup, StoreEntry } from "../store/backup-entry.ts";
import { isToCome } from "./is-to-come.ts";

export interface DrillChoice {
  readonly now: Date;
  /** Only so many VMs, those first that were proved longest ago or never. */
  readonly oldest: number | undefined;
}

/**
 * One backup of each VM among the entries: the newest that no verification found damaged. A VM counts as proved when one
 * of its backups that are still there has booted. In the order of the entries, or, with `oldest`, least recently proved first.
 */
export function chooseToDrill(
  entries: readonly StoreEntry[],
  { now, oldest }: DrillChoice,
): readonly GoodBackup[] {
  const chosen = vmsOf(entries).flatMap((ofVm) => {
    const backup = usableOf(ofVm, now).reduce<GoodBackup | undefined>(
      (best, one) => (best === undefined || one.manifest.startedAt > best.manifest.startedAt ? one : best),
      undefined,
    );
    return backup === undefined
      ? []
      : [{ backup, provedAt: Math.max(...ofVm.map((one) => provedAt(one, now))) }];
  });
  const ordered =
    oldest === undefined
      ? chosen
      : chosen.toSorted((a, b) => compare(a.provedAt, b.provedAt)).slice(0, oldest);
  return ordered.map(({ backup }) => backup);
}

/** VMs, as `HOST/VM`, that have backups among the entries of which none can be booted, and nobody works on. */
export function vmsWithoutGood(entries: readonly StoreEntry[], now: Date): readonly string[] {
  const usable = new Set(
    usableOf(
      entries.filter((entry) => entry.kind === "good"),
      now,
    ).map(nameOf),
  );
  const all = entries.filter(({ kind }) => kind === "good" || kind === "broken").map(nameOf);
  return [...new Set(all)].filter((name) => !usable.has(name));
}

function nameOf({ host, vm }: StoreEntry): string {
  return `${host}/${vm}`;
}

/** What a wrong clock calls the newest may be older than all others. */
function usableOf(backups: readonly GoodBackup[], now: Date): readonly GoodBackup[] {
  return backups
    .filter(({ verification }) => verification?.state !== "damaged")
    .filter(({ manifest }) => !isToCome(manifest, now));
}

function vmsOf(entries: readonly StoreEntry[]): readonly (readonly GoodBackup[])[] {
  const groups = new Map<string, GoodBackup[]>();
  for (const entry of entries) {
    if (entry.kind !== "good") continue;
    const key = JSON.stringify([entry.host, entry.vm]);
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return [...groups.values()];
}

/** -Infinity for never. A moment to come says that a clock was wrong, so it is as good as none. */
function provedAt({ drill }: GoodBackup, now: Date): number {
  const at = drill?.lastBootedAt === undefined ? -Infinity : Date.parse(drill.lastBootedAt);
  return at > now.getTime() ? -Infinity : at;
}

/** As a subtraction, but for -Infinity, which minus itself is no number. */
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
