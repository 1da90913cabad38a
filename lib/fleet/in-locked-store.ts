// A store that only this run backs up into.

import { ownUser } from "../store/own-user.ts";
import { takeRunLock } from "../store/run-lock.ts";
import { openStore, type Store } from "../store/store.ts";

/**
 * Opens a store, and does something to it while no other run backs up into it.
 * @throws BackupError `store-missing`, `store-not-writable`, `store-held`, and what the work throws.
 */
export async function inLockedStore<T>(directory: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(directory);
  const lock = await takeRunLock(store.directory, { user: ownUser(), now: new Date() });
  try {
    return await work(store);
  } finally {
    lock.release();
  }
}
