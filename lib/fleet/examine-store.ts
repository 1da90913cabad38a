// The store, looked at for what a backup needs. Changes nothing in it.

import type { StoreCheckup } from "../doctor/judge-store.ts";
import { BackupError } from "../model/failure.ts";
import { findRunLock } from "../store/run-lock.ts";
import { openStore } from "../store/store.ts";

/** Looks at a store; one that cannot be used is a finding. */
export async function examineStore(directory: string): Promise<Omit<StoreCheckup, "neededBytes">> {
  try {
    const store = await openStore(directory);
    const entries = await store.listBackups();
    const { removed, kept } = await store.sweepLeftovers(undefined, undefined, { isDryRun: true });
    return {
      directory: store.directory,
      found: {
        freeBytes: await store.freeBytes(),
        backups: entries.filter(({ kind }) => kind === "good").length,
        lock: await findRunLock(store.directory),
        leftovers: [
          ...removed.map((path) => ({ path, fate: "dead" }) as const),
          ...kept.map(({ path, reason }) => ({ path, fate: reason })),
        ],
        badEntries: entries
          .filter(({ kind }) => kind === "broken" || kind === "foreign")
          .map(({ kind, path }) => ({ path, isBackup: kind === "broken" })),
      },
    };
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    return { directory, found: error.reason };
  }
}
