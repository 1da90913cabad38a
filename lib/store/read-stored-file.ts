// Reads one file of a stored backup from its first byte to its last, and changes nothing about it. Anybody may have put
// it there.

import { constants } from "node:fs";
import { lstat, open } from "node:fs/promises";
import path from "node:path";
import type { Damage } from "../model/verification.ts";
import { systemCode } from "./in-store.ts";
import { filePathPattern } from "./layout.ts";
import { hashFile, type MeasureOptions } from "./measure-file.ts";

/** What a file's content is, or why that cannot be told. */
export type StoredFile =
  | { readonly kind: "read"; readonly bytes: number; readonly sha256: string }
  | { readonly kind: "damaged"; readonly damage: Damage };

/**
 * Reads a file inside a backup's folder; follows no link, waits for no pipe, never leaves the folder.
 * @throws BackupError `interrupted`.
 */
export async function readStoredFile(
  folder: string,
  fileName: string,
  options: MeasureOptions = {},
): Promise<StoredFile> {
  const damaged = (kind: Damage["kind"], detail: string): StoredFile => ({
    kind: "damaged",
    damage: { kind, fileName, detail },
  });
  if (!filePathPattern.test(fileName)) throw new Error(`No path in a backup: ${JSON.stringify(fileName)}`);
  let handle;
  try {
    for (const [depth] of fileName.split("/").slice(1).entries()) {
      const inner = path.join(folder, ...fileName.split("/").slice(0, depth + 1));
      if (!(await lstat(inner)).isDirectory())
        return damaged("not-a-file", "a link or file on the way to it");
    }
    // Without O_NONBLOCK, opening a pipe that somebody put there would wait for ever.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    handle = await open(path.join(folder, fileName), flags);
    const before = await handle.stat({ bigint: true });
    if (!before.isFile()) return damaged("not-a-file", "not a regular file");
    const sha256 = await hashFile(handle, Number(before.size), options);
    const after = await handle.stat({ bigint: true });
    const isSame = after.size === before.size && after.mtimeNs === before.mtimeNs;
    if (!isSame) return damaged("changing", "something wrote to it while it was read");
    return { kind: "read", bytes: Number(after.size), sha256 };
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    if (code === "ENOENT") return damaged("missing", "not there");
    if (code === "ELOOP") return damaged("not-a-file", "a symbolic link");
    return damaged("unreadable", code);
  } finally {
    await handle?.close();
  }
}
