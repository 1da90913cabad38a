// The last look at a file that was copied, before anybody may rely on it.

import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { CopySubject } from "./copy-subject.ts";

/**
 * Makes a finished copy private and durable.
 * @returns what is wrong with it; undefined when it is a regular file of the right length.
 */
export async function settleCopy({ destination, bytes }: CopySubject): Promise<string | undefined> {
  // O_NOFOLLOW: a link in its place is not our copy.
  const file = await open(destination, constants.O_RDWR | constants.O_NOFOLLOW).catch(whyMissing);
  if (typeof file === "string") return file;
  try {
    const stat = await file.stat();
    if (!stat.isFile()) return "it is no regular file";
    if (bytes !== undefined && stat.size !== bytes) return `it has ${stat.size} bytes and not ${bytes}`;
    await file.chmod(0o600);
    await file.sync();
    return undefined;
  } finally {
    await file.close();
  }
}

function whyMissing(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case "ENOENT":
      return "nothing was copied";
    case "ELOOP":
    case "EISDIR":
    case "ENXIO":
      return "it is no regular file";
    default:
      throw error;
  }
}
