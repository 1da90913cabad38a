// Several new files at once: all of them whole, or none, and nothing that was there is touched.

import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { chmod, copyFile, link, lstat, mkdir, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { syncFolder, writeDurably } from "../store/durable-file.ts";
import { systemCode } from "../store/in-store.ts";

/** A file that is not there yet. */
export interface NewFile {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

/**
 * Writes new files, each appearing whole, in their order, and makes the folders they need. Throws system errors, `EEXIST`
 * for a file that is there already; then none of them is left.
 */
export async function writeNewFiles(files: readonly NewFile[]): Promise<void> {
  const drafts: { readonly file: NewFile; readonly draft: string }[] = [];
  const made: Identity[] = [];
  try {
    for (const file of files) {
      const folder = dirname(file.path);
      await mkdir(folder, { recursive: true });
      const draft = join(folder, `.virtfold-${randomBytes(8).toString("hex")}.tmp`);
      await writeDurably(draft, file.text);
      drafts.push({ file, draft });
      await chmod(draft, file.mode);
    }
    for (const { file, draft } of drafts) {
      await giveName(draft, file.path);
      made.push(await identityOf(file.path));
    }
  } catch (error) {
    for (const one of made) await removeOwn(one);
    throw error;
  } finally {
    for (const { draft } of drafts) await unlink(draft).catch(() => undefined);
  }
  for (const folder of new Set(files.map(({ path }) => dirname(path)))) await syncFolder(folder);
}

/** Unlike rename(2) this never takes the place of a file that somebody else has just made. */
async function giveName(draft: string, path: string): Promise<void> {
  try {
    await link(draft, path);
  } catch (error) {
    // FAT and some network file systems have no second names.
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(systemCode(error) ?? "")) throw error;
    await copyFile(draft, path, constants.COPYFILE_EXCL);
  }
}

interface Identity {
  readonly path: string;
  readonly inode: number;
  readonly device: number;
}

async function identityOf(path: string): Promise<Identity> {
  const { ino: inode, dev: device } = await lstat(path);
  return { path, inode, device };
}

/** Removes what was made here, unless it has become something else meanwhile. */
async function removeOwn({ path, inode, device }: Identity): Promise<void> {
  const now = await identityOf(path).catch(() => undefined);
  if (now?.inode === inode && now.device === device) await unlink(path);
}
