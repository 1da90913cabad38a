// The store: one folder with the backups of all hosts and VMs. Layout and names are in layout.ts, what a backup
// says about itself in manifest.ts; every change to the store's disk begins here.
//
// It must not be possible, at whatever point a process dies, that a backup is visible and not whole. Nothing is
// deleted that was not listed, checked and ours. No link below the store's own folder is ever followed.

import { constants } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { BackupError } from "../model/failure.ts";
import type { GoodBackup, StoreEntry } from "./backup-entry.ts";
import { beginBackup } from "./begin-backup.ts";
import { freeBytes, inStore, systemCode } from "./in-store.ts";
import { listBackups } from "./list-backups.ts";
import type { BackupIdentity, PartialBackup } from "./partial-backup.ts";

import { removeBackup } from "./remove-backup.ts";
import type { StoreContext } from "./store-context.ts";
import type { SweepOptions, SweepReport } from "./sweep-leftovers.ts";
import { sweepLeftovers } from "./sweep-leftovers.ts";

/** A folder that holds backups. All its operations throw BackupError `store-full` and `store-not-writable` as well. */
export interface Store {
  /** Absolute, links resolved. */
  readonly directory: string;
  /** Free bytes for us on its file system. */
  freeBytes(): Promise<number>;
  /** Makes the partial folder of one backup. @throws BackupError `store-conflict`, `store-entry-bad`. */
  beginBackup(identity: BackupIdentity): Promise<PartialBackup>;
  /** What is in the store, of one host, or of one VM of it; a bad entry is an entry, not an error. */
  listBackups(host?: string, vm?: string): Promise<readonly StoreEntry[]>;
  /** Removes a backup that `listBackups` of this store returned. @throws BackupError `store-entry-bad` when it changed. */
  removeBackup(backup: GoodBackup): Promise<void>;
  /** Removes what dead runs left behind, in the whole store, of one host, or of one VM; or only tells of it. */
  sweepLeftovers(host?: string, vm?: string, options?: SweepOptions): Promise<SweepReport>;
}

export interface StoreOptions {
  /** "read" asks for nothing but a folder, for commands that only look. Default "write". */
  readonly access?: "read" | "write";
  readonly onStep?: StoreContext["onStep"];
}

/**
 * Opens a store; never makes one, because a store that is missing is most likely a disk that is not mounted.
 * @throws BackupError `store-missing`; `store-not-writable`, also when it is no folder.
 */
export async function openStore(directory: string, options: StoreOptions = {}): Promise<Store> {
  const context = {
    directory: await findStore(directory, options.access ?? "write"),
    onStep: options.onStep ?? (() => {}),
  };
  const listed = new WeakSet<StoreEntry>();
  const list = async (host?: string, vm?: string): Promise<readonly StoreEntry[]> => {
    const entries = await inStore(context.directory, () => listBackups(context.directory, host, vm));
    for (const entry of entries) listed.add(entry);
    return entries;
  };
  return {
    directory: context.directory,
    freeBytes: () => inStore(context.directory, () => freeBytes(context.directory)),
    beginBackup: (identity) => beginBackup(context, identity),
    listBackups: list,
    removeBackup: async (backup) => {
      if (!listed.has(backup)) throw new Error("Only a backup that this store listed can be removed");
      await inStore(context.directory, () => removeBackup(context, backup));
    },
    sweepLeftovers: async (host, vm, options) =>
      inStore(context.directory, async () => sweepLeftovers(await list(host, vm), options)),
  };
}

async function findStore(directory: string, wanted: "read" | "write"): Promise<string> {
  const store = path.resolve(directory);
  try {
    const found = await realpath(store);
    const isFolder = (await stat(found)).isDirectory();
    if (!isFolder) throw new BackupError({ kind: "store-not-writable", store, detail: "not a folder" });
    if (wanted === "write") await access(found, constants.W_OK | constants.X_OK);
    return found;
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    if (code === "ENOENT") throw new BackupError({ kind: "store-missing", store }, { cause: error });
    throw new BackupError({ kind: "store-not-writable", store, detail: code }, { cause: error });
  }
}
