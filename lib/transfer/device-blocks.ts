// A file as what guard.sh's `write` reads: lines that say where something belongs, and what belongs there.

import type { FileHandle } from "node:fs/promises";

/** What a stream can begin at is a multiple of this. */
export const deviceBlockBytes = 1024 * 1024;
/** So many blocks go under one line: what is said to be written is so much at a time. */
const blocksPerPart = 16;
/** Short, so that a slow rate is kept evenly. */
const sliceBytes = 128 * 1024;
const zeros = Buffer.alloc(deviceBlockBytes);

/**
 * All of the file from that byte on, a multiple of the block. Zeros are told and not sent: the device may hold anything.
 * @throws RangeError when the file is shorter than it should be.
 */
export async function* deviceBlocks(
  file: FileHandle,
  { fromBytes, bytes }: { readonly fromBytes: number; readonly bytes: number },
): AsyncGenerator<Buffer> {
  if (fromBytes % deviceBlockBytes !== 0) throw new RangeError(`Cannot begin at byte ${fromBytes}`);
  let part = { from: fromBytes, isZero: false, blocks: [] as Buffer[] };
  for (let at = fromBytes; at < bytes; at += deviceBlockBytes) {
    const block = await readBlock(file, at, Math.min(deviceBlockBytes, bytes - at));
    const isZero = block.equals(zeros.subarray(0, block.length));
    const { length } = part.blocks;
    const fits = block.length === deviceBlockBytes && isZero === part.isZero && length < blocksPerPart;
    if (!fits || length === 0) {
      yield* spell(part);
      part = { from: at, isZero, blocks: [] };
    }
    part.blocks.push(block);
  }
  yield* spell(part);
}

async function readBlock(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const block = Buffer.alloc(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await file.read(block, done, length - done, position + done);
    if (bytesRead === 0) throw new RangeError(`The file ends at byte ${position + done}`);
    done += bytesRead;
  }
  return block;
}

interface Part {
  readonly from: number;
  readonly isZero: boolean;
  /** Of one length, and all zeros or none of them. */
  readonly blocks: readonly Buffer[];
}

function* spell({ from, isZero, blocks }: Part): Generator<Buffer> {
  const length = blocks[0]?.length ?? 0;
  if (length === 0) return;
  // The last one may not be whole; every device is made of sectors.
  const size = length === deviceBlockBytes ? length : length % 512 === 0 ? 512 : 1;
  yield Buffer.from(
    `${isZero ? "zeros" : "data"} ${size} ${from / size} ${(blocks.length * length) / size}\n`,
  );
  if (isZero) return;
  for (const block of blocks)
    for (let at = 0; at < block.length; at += sliceBytes) yield block.subarray(at, at + sliceBytes);
}
