// What dead runs left behind in the store. A leftover that stays is never wrong; one that is removed must be ours.

import { readdir } from "node:fs/promises";
import path from "node:path";
import { BackupError } from "../model/failure.ts";
import type { DeletingEntry, PartialEntry, StoreEntry } from "./backup-entry.ts";
import { systemCode } from "./in-store.ts";
import { sweepClaims } from "./claim-backup.ts";
import { repairLatest } from "./latest-link.ts";
import { backupFolderName, manifestName } from "./layout.ts";
import { maximumManifestBytes, parseManifest } from "./manifest.ts";
import { readBounded } from "./read-bounded.ts";
import { findPartialState, removeDeadPartial } from "./remove-partial.ts";
import { removeRecords } from "./remove-records.ts";
import { removeTree } from "./remove-tree.ts";

/** What a sweep removed and what it kept; paths are absolute. */
export interface SweepReport {
  readonly removed: readonly string[];
  readonly kept: readonly KeptLeftover[];
}

/** Why a leftover stays. "unknown-owner": nobody can prove that its writer is dead. */
export interface KeptLeftover {
  readonly path: string;
  readonly reason: "in-use" | "unknown-owner" | "not-ours" | "failed";
  /** The system's or our own word for what failed. */
  readonly detail?: string;
}

export interface SweepOptions {
  /** Only tells what would be removed. Default false. */
  readonly isDryRun?: boolean;
}

/**
 * Removes the leftovers among these entries: what was being deleted is deleted to the end; a partial backup goes
 * only when its writer is provably dead. One that cannot be removed does not keep the others.
 */
export async function sweepLeftovers(
  entries: readonly StoreEntry[],
  options: SweepOptions = {},
): Promise<SweepReport> {
  const removed: string[] = [];
  if (options.isDryRun !== true) await sweepAllClaims(entries);
  const kept: KeptLeftover[] = [];
  for (const entry of entries) {
    if (entry.kind !== "partial" && entry.kind !== "deleting") continue;
    const result = await sweepOne(entry, options);
    if (result === "removed") removed.push(entry.path);
    else if (result !== "nothing") kept.push({ path: entry.path, ...result });
  }
  return { removed, kept };
}

/** Notes beside backups that dead readers and removers left. */
async function sweepAllClaims(entries: readonly StoreEntry[]): Promise<void> {
  const ofVms = entries.filter(({ kind, vm }) => kind !== "foreign" && vm !== "");
  for (const vmFolder of new Set(ofVms.map((entry) => path.dirname(entry.path)))) {
    try {
      await sweepClaims(vmFolder);
    } catch (error) {
      // They count for nothing, so they may stay.
      if (systemCode(error) === undefined) throw error;
    }
  }
}

type Result = "removed" | "nothing" | Omit<KeptLeftover, "path">;

async function sweepOne(entry: PartialEntry | DeletingEntry, options: SweepOptions): Promise<Result> {
  try {
    return entry.kind === "partial"
      ? await sweepPartial(entry, options)
      : await sweepDeleting(entry, options);
  } catch (error) {
    const detail = error instanceof BackupError ? error.reason.kind : systemCode(error);
    if (detail === undefined) throw error;
    return { reason: "failed", detail };
  }
}

async function sweepPartial(entry: PartialEntry, { isDryRun }: SweepOptions): Promise<Result> {
  const state = isDryRun === true ? await findPartialState(entry.path) : await removeDeadPartial(entry.path);
  if (state === "nothing") return state;
  if (state === "gone") return "removed";
  return { reason: state === "alive" ? "in-use" : "unknown-owner" };
}

async function sweepDeleting(entry: DeletingEntry, { isDryRun }: SweepOptions): Promise<Result> {
  if (!(await isOurs(entry))) return { reason: "not-ours" };
  if (isDryRun === true) return "removed";
  const home = path.dirname(entry.path);
  await repairLatest(home, entry.path);
  const { folderName, backupId } = entry;
  await removeRecords({ path: path.join(home, folderName), folderName, backupId });
  await removeTree(entry.path, manifestName);
  return "removed";
}

/** Its manifest goes last when we remove a backup, so either it is still there or nothing is. */
async function isOurs(entry: DeletingEntry): Promise<boolean> {
  const file = await readBounded(path.join(entry.path, manifestName), maximumManifestBytes);
  if (file.kind === "missing") return (await readdir(entry.path)).length === 0;
  const reading = file.kind === "text" ? parseManifest(file.text) : undefined;
  if (reading?.kind !== "manifest") return false;
  const { backupId, startedAt } = reading.manifest;
  return backupId === entry.backupId && backupFolderName(new Date(startedAt)) === entry.folderName;
}
