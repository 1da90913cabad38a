// Removal of one folder of ours with all that is in it.

import { lstat, readdir, rmdir, unlink } from "node:fs/promises";
import path from "node:path";
import { BackupError } from "../model/failure.ts";
import { systemCode } from "./in-store.ts";
import { requireRealFolder } from "./real-folder.ts";

/**
 * Removes a folder and everything below it; links are removed, not followed, and other file systems not entered.
 *
 * `lastName`, directly inside, goes last: it proves whose folder this is, so a removal that was cut short can be
 * told from somebody else's folder. What another process removes meanwhile is no failure.
 * @throws BackupError `store-entry-bad` when the folder is none, or something is mounted inside; system errors.
 */
export async function removeTree(folder: string, lastName: string): Promise<void> {
  await requireRealFolder(folder);
  const { dev } = await lstat(folder);
  await removeInside(folder, { device: dev, except: lastName });
  await unlessGone(() => unlink(path.join(folder, lastName)));
  await unlessGone(() => rmdir(folder));
}

async function removeInside(folder: string, rule: { device: number; except?: string }): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name !== rule.except) await unlessGone(() => removeOne(path.join(folder, name), rule.device));
  }
}

async function removeOne(location: string, device: number): Promise<void> {
  const facts = await lstat(location);
  if (!facts.isDirectory()) return unlink(location);
  if (facts.dev !== device) {
    throw new BackupError({
      kind: "store-entry-bad",
      path: location,
      detail: "another file system is mounted here",
    });
  }
  await removeInside(location, { device });
  await rmdir(location);
}

async function unlessGone(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}
