// Writes a stream into a file and leaves holes where it has zeros.

import type { FileHandle } from "node:fs/promises";

/** How a sparse write is bounded and followed. */
export interface SparseOptions {
  /** Where in the file the source begins; 0 when not given. What lies behind it is as this source would have it, or a hole. */
  readonly fromBytes?: number;
  /** The file gets no longer than this. */
  readonly limitBytes: number;
  /** Called now and then, and at the end. */
  readonly onBytes: (bytes: number) => void;
}

const blockBytes = 64 * 1024;
const bufferBytes = 16 * blockBytes;
const reportMilliseconds = 250;
const zeros = Buffer.alloc(blockBytes);

/**
 * Writes all of the source to a file, and gives it its full length.
 * @returns how long the file should be; more than the limit means that the source was left before its end.
 */
export async function writeSparse(
  source: AsyncIterable<Buffer>,
  file: FileHandle,
  options: SparseOptions,
): Promise<number> {
  const buffer = Buffer.alloc(bufferBytes);
  let filled = 0;
  let written = options.fromBytes ?? 0;
  let reportedAt = performance.now();
  const flush = async (): Promise<void> => {
    await writeBlocks(buffer.subarray(0, filled), file, written);
    written += filled;
    filled = 0;
    if (performance.now() - reportedAt < reportMilliseconds) return;
    reportedAt = performance.now();
    options.onBytes(written);
  };
  for await (const chunk of source) {
    for (let taken = 0; taken < chunk.length;) {
      const count = chunk.copy(buffer, filled, taken);
      taken += count;
      filled += count;
      if (filled === bufferBytes) await flush();
    }
    if (written + filled > options.limitBytes) return written + filled;
  }
  await flush();
  await file.truncate(written);
  options.onBytes(written);
  return written;
}

/** Writes the blocks that hold anything; neighbours in one go. */
async function writeBlocks(bytes: Buffer, file: FileHandle, position: number): Promise<void> {
  let start = 0;
  for (let end = 0; end < bytes.length; end += blockBytes) {
    const block = bytes.subarray(end, end + blockBytes);
    if (!block.equals(zeros.subarray(0, block.length))) continue;
    await writeAll(bytes.subarray(start, end), file, position + start);
    start = end + block.length;
  }
  await writeAll(bytes.subarray(start), file, position + start);
}

/** A write may take less than it was given. */
async function writeAll(bytes: Buffer, file: FileHandle, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
