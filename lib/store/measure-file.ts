// Reads one finished file of a backup from its first byte to its last.

import { createHash } from "node:crypto";
import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { BackupError } from "../model/failure.ts";
import type { MeasuredFile } from "./draft.ts";

export interface MeasureOptions {
  /** Called with the bytes of this file read so far. */
  readonly onBytes?: (bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

const chunkBytes = 1024 * 1024;

/**
 * Makes a file private (0600) and durable, then reads all of it once, in bounded memory.
 * @throws BackupError `store-entry-bad` when it is no regular file or changed meanwhile; `interrupted`; system errors.
 */
export async function measureFile(file: string, options: MeasureOptions = {}): Promise<MeasuredFile> {
  // Without O_NONBLOCK, opening a pipe that somebody put there would wait for ever.
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const before = await handle.stat({ bigint: true });
    if (!before.isFile()) throw bad(file, "not a regular file");
    if ((before.mode & 0o7777n) !== 0o600n) await handle.chmod(0o600);
    await handle.sync();
    const sha256 = await hashFile(handle, Number(before.size), options);
    const after = await handle.stat({ bigint: true });
    if (after.size !== before.size || after.mtimeNs !== before.mtimeNs)
      throw bad(file, "changed while it was read");
    const modifiedAt = new Date(Math.ceil(Number(after.mtimeNs / 1000n) / 1000));
    return { bytes: Number(after.size), allocatedBytes: Number(after.blocks) * 512, sha256, modifiedAt };
  } finally {
    await handle.close();
  }
}

/** SHA-256 of an open file's first `length` bytes, in bounded memory. @throws BackupError `interrupted`; system errors. */
export async function hashFile(handle: FileHandle, length: number, options: MeasureOptions): Promise<string> {
  const sum = createHash("sha256");
  const chunk = Buffer.allocUnsafe(chunkBytes);
  // Not beyond its first length: a file that grows faster than it is read would keep us here.
  for (let total = 0; total < length;) {
    if (options.signal?.aborted === true) throw interruption(options.signal);
    const { bytesRead } = await handle.read(chunk, 0, chunkBytes, total);
    if (bytesRead === 0) break;
    sum.update(chunk.subarray(0, bytesRead));
    total += bytesRead;
    options.onBytes?.(total);
  }
  return sum.digest("hex");
}

function interruption(signal: AbortSignal): unknown {
  const reason: unknown = signal.reason;
  if (reason instanceof BackupError) return reason;
  const name = typeof reason === "string" ? reason : "abort";
  return new BackupError({ kind: "interrupted", signal: name }, { cause: reason });
}

function bad(file: string, detail: string): BackupError {
  return new BackupError({ kind: "store-entry-bad", path: file, detail });
}
