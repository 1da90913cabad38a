// Which backup in the store is meant.

import { isToCome } from "../plan/is-to-come.ts";
import { encodeName } from "../store/encode-name.ts";
import type { GoodBackup } from "../store/backup-entry.ts";
import type { Store } from "../store/store.ts";
import { BackupError } from "../model/failure.ts";

/** A VM of a host, and the moment of its backup: the name of its folder, or the newest good one. */
export interface WantedBackup {
  readonly host: string;
  readonly vm: string;
  readonly when: string | undefined;
}

/**
 * Finds the backup. One that a wrong clock calls the newest has to be named: it may be older than all others. So has one
 * that was found damaged: what is brought back is compared with the manifest anyway,
 * but whoever names no moment is to learn before the copying that it has to be another one.
 * @throws BackupError `backup-not-found`, `newest-damaged`, `newest-from-the-future`.
 */
export async function chooseBackup(
  store: Store,
  { host, vm, when }: WantedBackup,
  now: Date,
): Promise<GoodBackup> {
  const entries = await store.listBackups(host, vm);
  const good = entries
    .filter((entry) => entry.kind === "good")
    .toSorted((one, other) => startOf(other) - startOf(one));
  const sound = good.filter(({ verification }) => verification?.state !== "damaged");
  const found = when === undefined ? good[0] : good.find(({ folderName }) => folderName === when);
  if (found !== undefined && when === undefined && isToCome(found.manifest, now))
    throw new BackupError({
      ...{ kind: "newest-from-the-future", target: `${host}/${vm}`, folderName: found.folderName },
      now: now.toISOString(),
      older: sound.find((one) => !isToCome(one.manifest, now))?.folderName,
    });
  if (found?.verification?.state === "damaged" && when === undefined)
    throw new BackupError({
      ...{ kind: "newest-damaged", target: `${host}/${vm}`, folderName: found.folderName },
      verifiedAt: found.verification.verifiedAt,
      older: sound[0]?.folderName,
    });
  if (found !== undefined) return found;
  const bad = entries.find(
    (entry) => entry.kind === "broken" && (when ?? entry.folderName) === entry.folderName,
  );
  throw new BackupError({
    kind: "backup-not-found",
    target: `${host}/${vm}${when === undefined ? "" : `@${when}`}`,
    store: `${store.directory}/${encodeName(host)}/${encodeName(vm)}`,
    known: good.map(({ folderName }) => folderName),
    broken: bad?.kind === "broken" ? bad.reason.kind : undefined,
  });
}

function startOf({ manifest }: GoodBackup): number {
  return Date.parse(manifest.startedAt);
}
