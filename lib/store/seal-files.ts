// Every file of a backup made private and durable, and read once.

import { lstat } from "node:fs/promises";
import path from "node:path";
import type { MeasuredFile } from "./draft.ts";
import { measureFile } from "./measure-file.ts";

/** How far the reading is: bytes of all files together. */
export interface SealProgress {
  readonly fileName: string;
  readonly bytes: number;
  readonly totalBytes: number;
}

export interface SealOptions {
  readonly onProgress?: ((progress: SealProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads the files of a folder one after the other, in this order.
 * @throws BackupError as `measureFile`; system errors.
 */
export async function sealFiles(
  folder: string,
  fileNames: readonly string[],
  options: SealOptions,
): Promise<ReadonlyMap<string, MeasuredFile>> {
  const lengths = await Promise.all(
    fileNames.map(async (fileName) => (await lstat(path.join(folder, fileName))).size),
  );
  const totalBytes = lengths.reduce((sum, length) => sum + length, 0);
  const measured = new Map<string, MeasuredFile>();
  let before = 0;
  for (const fileName of fileNames) {
    const onBytes = (bytes: number): void =>
      options.onProgress?.({ fileName, bytes: before + bytes, totalBytes });
    const file = await measureFile(path.join(folder, fileName), { onBytes, signal: options.signal });
    measured.set(fileName, file);
    before += file.bytes;
  }
  return measured;
}
