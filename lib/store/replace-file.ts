// A file that is replaced as a whole: readers find the old one or the new one, never half of one.

import { randomBytes } from "node:crypto";
import { chmod, rename, unlink } from "node:fs/promises";
import path from "node:path";
import { syncFolder, writeDurably } from "./durable-file.ts";

/** Writes a file, or replaces it, at once and durably. Throws system errors; then the old file is as it was. */
export async function replaceFile(
  file: string,
  text: string,
  { mode }: { readonly mode: number },
): Promise<void> {
  const folder = path.dirname(file);
  // Short, whatever the file is called, and nothing that a reader of `*.prom` or `*.json` would take.
  const draft = path.join(folder, `.virtfold-${randomBytes(8).toString("hex")}.tmp`);
  await writeDurably(draft, text);
  try {
    await chmod(draft, mode);
    await rename(draft, file);
  } catch (error) {
    await unlink(draft).catch(() => {});
    throw error;
  }
  await syncFolder(folder);
}
