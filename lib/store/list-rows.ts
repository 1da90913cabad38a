// The store as a table. Pure.

import type { Consistency } from "../model/backup.ts";
import { namedFiles } from "./find-contradiction.ts";
import type { BrokenReason, ForeignEntry, GoodBackup, StoreEntry } from "./backup-entry.ts";

/**
 * "degraded": good, but less than the whole VM. "touched": good when published, written to since. "damaged": the last
 * verification found so; "broken": to be seen without reading it.
 */
export const rowStates = [
  "good",
  "degraded",
  "touched",
  "damaged",
  "broken",
  "partial",
  "deleting",
  "foreign",
] as const;
export type RowState = (typeof rowStates)[number];

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
  /** Lengths of its files, holes included, together. */
  readonly apparentBytes: number | undefined;
  /** Space its files take in the store now. */
  readonly storedBytes: number | undefined;
  readonly consistency: Consistency | undefined;
  /** When it was last verified, and whether it was good then. */
  readonly verified: { readonly at: Date; readonly state: "good" | "damaged" } | undefined;
  /** When it was last drilled, whether it booted then, and how long that took from the beginning. */
  readonly drilled:
    | { readonly at: Date; readonly state: "booted" | "failed"; readonly rtoSeconds: number | undefined }
    | undefined;
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
    apparentBytes: undefined,
    storedBytes: undefined,
    consistency: undefined,
    verified: undefined,
    drilled: undefined,
    problem,
  };
}

function goodRow(entry: GoodBackup): StoreRow {
  const { manifest, storedBytes } = entry;
  return {
    host: manifest.host.name,
    vm: manifest.vm.name,
    path: entry.path,
    state: stateOf(entry),
    startedAt: new Date(manifest.startedAt),
    disks: manifest.disks.length,
    virtualBytes: manifest.disks.reduce((sum, disk) => sum + disk.virtualBytes, 0),
    apparentBytes: namedFiles(manifest).reduce((sum, { bytes }) => sum + bytes, 0),
    storedBytes,
    consistency: manifest.consistency,
    verified: verifiedOf(entry),
    drilled: drilledOf(entry),
    problem: undefined,
  };
}

function stateOf({ verification, touchedFiles, manifest }: GoodBackup): RowState {
  if (verification?.state === "damaged") return "damaged";
  if (touchedFiles.length > 0) return "touched";
  return manifest.degradedBy.length === 0 ? "good" : "degraded";
}

function verifiedOf({ verification }: GoodBackup): StoreRow["verified"] {
  return verification && { at: new Date(verification.verifiedAt), state: verification.state };
}

function drilledOf({ drill }: GoodBackup): StoreRow["drilled"] {
  return drill && { at: new Date(drill.drilledAt), state: drill.state, rtoSeconds: drill.rtoSeconds };
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
