// Turns a partial folder into a backup.
//
// The folder's own rename is what publishes: before it there is no backup, after it a whole one, at whatever point
// the process or the machine dies. All that it will show is on the disk by then, the manifest written last: its text
// is made first, in memory, so that SHA256SUMS can hold the manifest's checksum and still be older than it.

import { chmod, lstat, rename, utimes } from "node:fs/promises";
import { createHash } from "node:crypto";
import path from "node:path";
import type { BackupDraft, MeasuredFile } from "./draft.ts";
import { completeManifest } from "./draft.ts";
import { syncFolder, writeDurably } from "./durable-file.ts";
import { namedFiles } from "./find-contradiction.ts";
import { formatChecksums } from "./format-checksums.ts";
import { systemCode } from "./in-store.ts";
import { pointLatest } from "./latest-link.ts";
import { checksumsName, contentName, folderMode, logName, manifestName, ownerName } from "./layout.ts";
import type { Manifest } from "./manifest.ts";
import { formatManifest } from "./manifest.ts";
import { removeTree } from "./remove-tree.ts";
import type { PartialPlace } from "./reveal-folder.ts";
import { revealFolder } from "./reveal-folder.ts";
import type { SealOptions } from "./seal-files.ts";
import { sealFiles } from "./seal-files.ts";
import type { Inventory } from "./take-inventory.ts";
import { checkInventory, takeInventory } from "./take-inventory.ts";

export interface PublishOptions extends SealOptions {
  readonly now: () => Date;
}

/** What was published. */
export interface PublishedBackup {
  /** Absolute. */
  readonly path: string;
  readonly manifest: Manifest;
  /** Space its files take in the store. */
  readonly storedBytes: number;
  /** Why `latest` does not lead to it, such as `EPERM`; undefined when it does. */
  readonly latestProblem: string | undefined;
}

/** Publishes a partial backup; `PartialBackup.publish` says what it promises. */
export async function publishBackup(
  place: PartialPlace,
  draft: BackupDraft,
  options: PublishOptions,
): Promise<PublishedBackup> {
  const content = path.join(place.folder, contentName);
  refuseBadDraft(draft, options.now());
  const inventory = await takeInventory(content);
  const needed = namedFiles(draft).map((file) => file.fileName);
  checkInventory(inventory, { folder: content, needed, allowed: [logName] });

  const measured = await sealFiles(content, inventory.files, options);
  place.onStep("files-measured");
  const manifest = completeManifest(draft, measured, options.now());
  await writeContents(place, { inventory, measured, text: formatManifest(manifest) });
  await revealFolder(place);
  const latestProblem = await pointLatest(place.home, path.basename(place.finalPath), place.folder);
  place.onStep("latest-pointed");
  await tidy(place.folder);
  place.onStep("published");
  return { path: place.finalPath, manifest, storedBytes: sumAllocated(measured), latestProblem };
}

/** Before a terabyte is read rather than after. */
function refuseBadDraft(draft: BackupDraft, now: Date): void {
  const unread: MeasuredFile = { bytes: 0, allocatedBytes: 0, sha256: "0".repeat(64), modifiedAt: now };
  const names = namedFiles(draft).map((file) => file.fileName);
  formatManifest(completeManifest(draft, new Map(names.map((fileName) => [fileName, unread])), now));
}

async function writeContents(
  place: PartialPlace,
  facts: { inventory: Inventory; measured: ReadonlyMap<string, MeasuredFile>; text: string },
): Promise<void> {
  const content = path.join(place.folder, contentName);
  const sums = new Map([...facts.measured].map(([fileName, { sha256 }]) => [fileName, sha256]));
  sums.set(manifestName, createHash("sha256").update(facts.text).digest("hex"));
  await writeDurably(path.join(content, checksumsName), formatChecksums(sums));
  place.onStep("checksums-written");

  for (const folder of facts.inventory.folders.toReversed()) {
    await chmod(path.join(content, folder), folderMode);
    await syncFolder(path.join(content, folder));
  }
  place.onStep("contents-durable");

  const draft = path.join(place.folder, manifestName);
  await writeDurably(draft, facts.text);
  await makeNewest(draft, [...facts.measured.values()]);
  await rename(draft, path.join(content, manifestName));
  await syncFolder(content);
  place.onStep("manifest-written");
}

/** A file newer than the manifest was written after publishing (see check-backup.ts), so no clock may be ahead here. */
async function makeNewest(manifest: string, others: readonly MeasuredFile[]): Promise<void> {
  const newest = Math.max(...others.map((file) => file.modifiedAt.getTime()));
  if (newest <= (await lstat(manifest)).mtimeMs) return;
  await utimes(manifest, new Date(newest), new Date(newest));
}

/** What stays behind is empty but for the owner's note; `sweepLeftovers` takes it later. */
async function tidy(folder: string): Promise<void> {
  try {
    await removeTree(folder, ownerName);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
  }
}

function sumAllocated(measured: ReadonlyMap<string, MeasuredFile>): number {
  return [...measured.values()].reduce((sum, file) => sum + file.allocatedBytes, 0);
}
