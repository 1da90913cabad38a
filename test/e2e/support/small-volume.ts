// A file system of a few megabytes on this machine, for stores that are full or cannot be written to.

import { mkdir } from "node:fs/promises";
import { runChecked } from "../../lab/run-checked.ts";

/** Mounts an empty volume of this size on a new folder, does the work, and unmounts it, whatever happens. */
export async function withSmallVolume<T>(
  folder: string,
  sizeMib: number,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  await mkdir(folder);
  await runChecked(["mount", "-t", "tmpfs", "-o", `size=${sizeMib}m,mode=755`, "tmpfs", folder]);
  try {
    return await work(folder);
  } finally {
    await runChecked(["umount", "--lazy", folder]);
  }
}
