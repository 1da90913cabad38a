// The store's part of a recovery: folders that dead runs left in it.

import type { RecoveryEvent, SweptFolder } from "../model/recovery.ts";
import { openStore } from "../store/store.ts";

/**
 * Opens a store and returns what sweeps it.
 * @throws BackupError `store-missing`, `store-not-writable`, before anything else is begun.
 */
export async function sweepStore(
  directory: string,
  { isDryRun }: { readonly isDryRun: boolean },
): Promise<() => Promise<RecoveryEvent>> {
  const store = await openStore(directory, { access: isDryRun ? "read" : "write" });
  return async () => {
    const { removed, kept } = await store.sweepLeftovers(undefined, undefined, { isDryRun });
    const folders: readonly SweptFolder[] = [
      ...removed.map((path) => ({ path, fate: "removed", detail: undefined }) as const),
      ...kept.map(({ path, reason, detail }) => ({ path, fate: reason, detail })),
    ];
    return { kind: "store-swept", store: store.directory, folders };
  };
}
