// What is on the file system of a copied disk, read without QEMU and without a mount.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Manifest } from "../../../lib/store/manifest.ts";
import { runLocal } from "../../../lib/shell/run-local.ts";
import { runChecked } from "../../lab/run-checked.ts";

/** A disk of a backup as a raw file that may be written to. */
export interface CopiedFileSystem {
  /** The numbers that the guest had written to this disk; none when it never ran. */
  readSequence(): Promise<readonly number[]>;
  /** The content of a file on it. */
  readFile(path: string): Promise<Buffer>;
}

interface DiskToRead {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly target: string;
  /** Where the raw file may be. */
  readonly scratch: string;
}

/**
 * Opens the file system of a copied disk. One that the guest had frozen, or had put away, must be clean as it lies; any
 * other one only after its journal has been replayed, as the next boot would.
 */
export async function withCopiedFileSystem<T>(
  disk: DiskToRead,
  work: (fileSystem: CopiedFileSystem) => Promise<T>,
): Promise<T> {
  const raw = join(disk.scratch, `${randomUUID()}.raw`);
  const [layer] = disk.manifest.disks.find(({ target }) => target === disk.target)?.layers ?? [];
  assert.ok(layer, `the backup has no disk ${disk.target}`);
  try {
    const image = join(disk.folder, layer.fileName);
    await runChecked(["qemu-img", "convert", "-f", layer.format, "-O", "raw", image, raw]);
    if (disk.manifest.consistency === "crash") await replayJournal(raw);
    await runChecked(["e2fsck", "-f", "-n", raw]);
    return await work(fileSystemOn(raw, disk.scratch));
  } finally {
    await rm(raw, { force: true });
  }
}

/** The file system in a raw image, which is only read. */
export function fileSystemOn(raw: string, scratch: string): CopiedFileSystem {
  const read = (path: string): Promise<Buffer> => copyOut(raw, path, join(scratch, randomUUID()));
  return {
    readFile: read,
    readSequence: async () => parseSequence((await read("/sequence.log")).toString()),
  };
}

/** The numbers of a guest's log; a line that is cut off is no number. */
function parseSequence(text: string): readonly number[] {
  const lines = text.split("\n");
  assert.equal(lines.pop(), "", "the log ends in the middle of a line");
  for (const line of lines) assert.match(line, /^[1-9]\d*$/, "a line of the log is no number");
  return lines.map(Number);
}

/** Replays the journal of a file system that was not put away, as the next boot would. */
export async function replayJournal(raw: string): Promise<void> {
  const { code, stdout } = await runLocal(["e2fsck", "-f", "-p", raw], { deadlineSeconds: 60 });
  assert.ok(code === 0 || code === 1, `the journal cannot be replayed: ${stdout}`);
}

/** Empty when there is no such file: debugfs ends with 0 all the same. */
async function copyOut(raw: string, path: string, out: string): Promise<Buffer> {
  try {
    await runChecked(["debugfs", "-R", `dump ${path} ${out}`, raw]);
    return await readFile(out).catch(() => Buffer.alloc(0));
  } finally {
    await rm(out, { force: true });
  }
}
