// A backup while it is written: a folder that no command takes for a backup, until publish gives it its name.

import path from "node:path";
import { BackupError } from "../model/failure.ts";
import type { BackupDraft } from "./draft.ts";
import { writeDurably } from "./durable-file.ts";
import { inStore, systemCode } from "./in-store.ts";
import { backupFolderName, contentName, filePathPattern, innerFolders } from "./layout.ts";
import { measureFile } from "./measure-file.ts";
import type { PublishedBackup, PublishOptions } from "./publish-backup.ts";
import { publishBackup } from "./publish-backup.ts";
import { removeOwnPartial } from "./remove-partial.ts";
import type { PartialPlace } from "./reveal-folder.ts";
import type { StoreContext } from "./store-context.ts";

/** Which backup is begun; names as people know them, not as folders. */
export interface BackupIdentity {
  readonly host: string;
  readonly vm: string;
  readonly backupId: string;
  /** Of the moment it began: `backupFolderName(startedAt)`. */
  readonly folderName: string;
}

/** The folder of one backup until it is published or given up. */
export interface PartialBackup {
  /** Absolute; its files and the folders `snapshots`, `nvram`, `tpm` and `boot` are ours alone (mode 0700). */
  readonly directory: string;
  /** Where a published backup will be; absolute. */
  readonly finalPath: string;
  /**
   * The absolute path for a file of this backup; its folder is there.
   * @throws BackupError `store-entry-bad` for a name that would lead elsewhere.
   */
  path(fileName: string): string;
  /** Writes a new file with mode 0600. @throws BackupError `store-conflict` when it is there already; `store-full`. */
  writeText(fileName: string, text: string): Promise<void>;
  /** The SHA-256 of one of its files as it is now. @throws BackupError `interrupted`, `store-not-writable`. */
  checksum(fileName: string, signal: AbortSignal): Promise<string>;
  /**
   * Reads every file, writes checksums and manifest, makes all durable, and only then gives the folder its name.
   * The folder must hold the draft's files and nothing else but `backup.log`; nothing may write to them any more.
   * @throws BackupError `store-entry-bad` for a file that is missing, was not expected or changed; `store-conflict`
   * when a backup of that name exists; `store-full`; `interrupted`. Then nothing is visible in the store.
   */
  publish(draft: BackupDraft, options: PublishOptions): Promise<PublishedBackup>;
  /**
   * Removes all of it; does nothing once published.
   * @throws BackupError `store-entry-bad` when somebody else's folder is there now; `store-not-writable`.
   */
  discard(): Promise<void>;
}

/** The operations on a partial folder that was just made. */
export function openPartial(
  store: StoreContext,
  identity: BackupIdentity,
  place: Omit<PartialPlace, "onStep">,
): PartialBackup {
  const directory = path.join(place.folder, contentName);
  let isPublished = false;
  return {
    directory,
    finalPath: place.finalPath,
    path: (fileName) => path.join(directory, checkedName(fileName)),
    writeText: (fileName, text) =>
      inStore(store.directory, () => writeNew(path.join(directory, checkedName(fileName)), text)),
    checksum: (fileName, signal) =>
      inStore(store.directory, async () => {
        const { sha256 } = await measureFile(path.join(directory, checkedName(fileName)), { signal });
        return sha256;
      }),
    publish: (draft, options) =>
      inStore(store.directory, async () => {
        checkDraft(draft, identity);
        const onStep: StoreContext["onStep"] = (step) => {
          if (step === "renamed") isPublished = true;
          store.onStep(step);
        };
        return publishBackup({ ...place, onStep }, draft, options);
      }),
    discard: () =>
      inStore(store.directory, async () => {
        if (!isPublished) await removeOwnPartial(place.folder);
      }),
  };
}

async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeDurably(file, text);
  } catch (error) {
    if (systemCode(error) === "EEXIST") throw new BackupError({ kind: "store-conflict", path: file });
    throw error;
  }
}

function checkedName(fileName: string): string {
  const [first, ...rest] = fileName.split("/");
  const isKnownFolder =
    rest.length === 0 || (rest.length === 1 && innerFolders.some((name) => name === first));
  if (filePathPattern.test(fileName) && isKnownFolder) return fileName;
  throw new BackupError({
    kind: "store-entry-bad",
    path: fileName,
    detail: "no name for a file of a backup",
  });
}

/** A backup whose manifest disagrees with its place is listed as broken: better to stop here. */
function checkDraft(draft: BackupDraft, identity: BackupIdentity): void {
  const { host, vm, backupId, folderName } = identity;
  const said = [draft.host.name, draft.vm.name, draft.backupId, backupFolderName(new Date(draft.startedAt))];
  const isSame = [host, vm, backupId, folderName].every((value, index) => value === said[index]);
  if (!isSame) throw new Error(`The draft is for another backup: ${JSON.stringify({ identity, said })}`);
}
