// One flipped byte anywhere in a backup is found, and the file is named.

import assert from "node:assert/strict";
import { mkdtemp, open, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { before, describe, it } from "node:test";
import { openStore } from "../../lib/store/store.ts";
import { temporaryFolder } from "../store/sample-backup.ts";
import { namedIn, publishSound, rememberedImages, skipWithoutQemuImg, verifyFolder } from "./sound-backup.ts";

/** Every byte of small files, and so many of large ones. */
const mostFlips = 60;

describe("verifyBackup()", { skip: skipWithoutQemuImg }, () => {
  const folder = temporaryFolder();
  let backup: string;
  before(async () => {
    const store = await openStore(await mkdtemp(path.join(folder, "s")));
    backup = (await publishSound(store)).path;
  });

  it("finds nothing wrong with a sound backup", async () => {
    const { state, damages, bytes } = await verifyFolder(backup);
    assert.deepEqual({ state, damages }, { state: "good", damages: [] });
    assert.ok(bytes > 100_000);
  });

  it("finds and names every flipped byte, in every file", { timeout: 300_000 }, async () => {
    const files = (await readdir(backup, { recursive: true })).sort();
    // Of an image that is not what was written qemu-img is not asked.
    const images = rememberedImages(backup);
    let flips = 0;
    for (const fileName of files) {
      const file = path.join(backup, fileName);
      const facts = await stat(file);
      if (!facts.isFile()) continue;
      for (const at of positions(facts.size)) {
        // Another bit each time: of text, some change the letter and some make it no UTF-8.
        await flip(file, at, flips);
        const found = await verifyFolder(backup, images);
        await flip(file, at, flips);
        flips += 1;
        assert.equal(found.state, "damaged", `${fileName} byte ${at}`);
        assert.ok(namedIn(found).includes(fileName), `${fileName} byte ${at}: ${namedIn(found).join()}`);
      }
    }
    assert.ok(files.length >= 10 && flips > 300, `${files.length} files, ${flips} flips`);
    assert.equal((await verifyFolder(backup)).state, "good");
  });
});

function positions(length: number): readonly number[] {
  const step = Math.max(1, length / mostFlips);
  const spread = Array.from({ length: Math.min(length, mostFlips) }, (_, index) => Math.floor(index * step));
  return [...new Set([...spread, length - 1])];
}

async function flip(file: string, at: number, count: number): Promise<void> {
  const handle = await open(file, "r+");
  try {
    const byte = Buffer.alloc(1);
    await handle.read(byte, 0, 1, at);
    byte[0]! ^= 1 << (count % 8);
    await handle.write(byte, 0, 1, at);
  } finally {
    await handle.close();
  }
}
