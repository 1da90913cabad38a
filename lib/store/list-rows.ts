// The store as a table. Pure.

import type { Consistency } from "../model/backup.ts";
import type { BrokenReason, ForeignEntry, GoodBackup, StoreEntry } from "./backup-entry.ts";

/** "degraded": good, but less than the whole VM. "touched": good when published, written to since. */
export type RowState = "good" | "degraded" | "touched" | "broken" | "partial" | "deleting" | "foreign";

/** One row; what an entry does not tell is undefined. Texts come from hosts and disks: display them with care. */
export interface StoreRow {
  readonly host: string;
  readonly vm: string;
  readonly path: string;
  readonly state: RowState;
  /** When the backup began. */
  readonly startedAt: Date | undefined;
  readonly disks: number | undefined;
  /** Sizes of the disks as their guest sees them, together. */
  readonly virtualBytes: number | undefined;
  /** Space its files take in the store now. */
  readonly storedBytes: number | undefined;
  readonly consistency: Consistency | undefined;
  readonly problem: BrokenReason | { readonly kind: ForeignEntry["what"] } | undefined;
}

/** One row for each entry, by host and VM, newest first; what has no time comes last. */
export function listRows(entries: readonly StoreEntry[]): readonly StoreRow[] {
  return entries.map(toRow).sort(inOrder);
}

function toRow(entry: StoreEntry): StoreRow {
  const { host, vm, path } = entry;
  if (entry.kind === "good") return goodRow(entry);
  const problem =
    entry.kind === "broken" ? entry.reason : entry.kind === "foreign" ? { kind: entry.what } : undefined;
  return {
    host,
    vm,
    path,
    state: entry.kind,
    startedAt: "folderName" in entry ? folderTime(entry.folderName) : undefined,
    disks: undefined,
    virtualBytes: undefined,
    storedBytes: undefined,
    consistency: undefined,
    problem,
  };
}

function goodRow(entry: GoodBackup): StoreRow {
  const { manifest, storedBytes } = entry;
  const isWhole = manifest.degradedBy.length === 0;
  return {
    host: manifest.host.name,
    vm: manifest.vm.name,
    path: entry.path,
    state: entry.touchedFiles.length > 0 ? "touched" : isWhole ? "good" : "degraded",
    startedAt: new Date(manifest.startedAt),
    disks: manifest.disks.length,
    virtualBytes: manifest.disks.reduce((sum, disk) => sum + disk.virtualBytes, 0),
    storedBytes,
    consistency: manifest.consistency,
    problem: undefined,
  };
}

/** The moment a folder's name says; undefined for one that is in no calendar. */
function folderTime(folderName: string): Date | undefined {
  const [day, time] = [folderName.slice(0, 10), folderName.slice(11)];
  const moment = new Date(`${day}T${time.replace(/(..)(..)(..)/, "$1:$2:$3")}Z`);
  return Number.isNaN(moment.getTime()) ? undefined : moment;
}

function inOrder(a: StoreRow, b: StoreRow): number {
  return (
    compare(a.host, b.host) ||
    compare(a.vm, b.vm) ||
    (b.startedAt?.getTime() ?? -Infinity) - (a.startedAt?.getTime() ?? -Infinity) ||
    compare(a.path, b.path)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
