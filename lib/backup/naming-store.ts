// A copy that failed because of the store, told of the store.

import { BackupError } from "../model/failure.ts";
import type { Ports } from "./ports.ts";

/** A copier names the file it could not write, which is gone by then; a person knows the store. */
export async function namingStore<T>(copy: Promise<T>, ports: Ports): Promise<T> {
  return await copy.catch((error: unknown) => {
    if (!(error instanceof BackupError)) throw error;
    const { reason } = error;
    if (reason.kind !== "store-full" && reason.kind !== "store-not-writable") throw error;
    throw new BackupError({ ...reason, store: ports.store.directory }, { cause: error });
  });
}
