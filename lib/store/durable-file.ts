// Files and folders that outlive a power cut.

import { constants } from "node:fs";
import { open, unlink } from "node:fs/promises";
import { systemCode } from "./in-store.ts";

const newFile = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/**
 * Writes a new file with mode 0600 and waits until it is on the disk. Fails with EEXIST where something is already;
 * leaves no half of a file when the disk is full.
 */
export async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, newFile, 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } catch (error) {
    await unlink(file).catch(() => {});
    throw error;
  } finally {
    await handle.close();
  }
}

/** Waits until the names in a folder are on the disk. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } catch (error) {
    // SMB and some FUSE file systems cannot sync a folder; there is nothing more to do for it there.
    if (!["EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(systemCode(error) ?? "")) throw error;
  } finally {
    await handle.close();
  }
}
