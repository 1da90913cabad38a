import assert from "node:assert/strict";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { afterMarker } from "../../lib/transfer/after-marker.ts";
import { writeSparse } from "../../lib/transfer/write-sparse.ts";

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

describe("writeSparse()", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "vf-sparse-"));
  });
  after(async () => {
    await rm(folder, { recursive: true });
  });
  const withFile = async <T>(work: (file: FileHandle, path: string) => Promise<T>): Promise<T> => {
    const path = join(folder, "image");
    const file = await open(path, "w");
    try {
      return await work(file, path);
    } finally {
      await file.close();
    }
  };
  const options = { limitBytes: Number.MAX_SAFE_INTEGER, onBytes: () => undefined };

  it("writes what came, with holes for zeros, whatever the sizes", async () => {
    const image = Buffer.alloc(5 * 1024 * 1024 + 777);
    image.fill("data", 300_000, 300_100);
    image.fill(1, 2 * 1024 * 1024 - 1, 2 * 1024 * 1024 + 1);
    for (const [length, size] of [
      [image.length, 65_537],
      [image.length, 3_000_000],
      [300_050, 10_000],
      [1, 1],
      [0, 1],
    ] as const) {
      await withFile(async (file, path) => {
        const expected = image.subarray(0, length);
        assert.equal(await writeSparse(inPieces(expected, size), file, options), length);
        assert.ok((await readFile(path)).equals(expected));
        const { size: fileBytes, blocks } = await file.stat();
        assert.equal(fileBytes, length);
        assert.ok(blocks * 512 <= 4 * 65_536, `${blocks * 512} bytes allocated`);
      });
    }
  });

  it("stops a source that does not end where it should", async () => {
    let given = 0;
    const endless = async function* (): AsyncGenerator<Buffer> {
      for (;;) {
        given += 100_000;
        yield Buffer.alloc(100_000, 1);
      }
    };
    await withFile(async (file) => {
      const came = await writeSparse(endless(), file, { ...options, limitBytes: 250_000 });
      assert.equal(came, 300_000);
      assert.equal(given, 300_000);
    });
  });

  it("tells how far it is at the end", async () => {
    const seen: number[] = [];
    await withFile((file) =>
      writeSparse(inPieces(Buffer.alloc(9), 2), file, { ...options, onBytes: (bytes) => seen.push(bytes) }),
    );
    assert.equal(seen.at(-1), 9);
  });
});

describe("afterMarker()", () => {
  it("leaves out what the login shell printed, wherever the bytes were cut", async () => {
    const bytes = Buffer.from("Welcome, mark\nmark\n\0data\n\nmark\n");
    for (let size = 1; size <= bytes.length; size++) {
      const pieces: Buffer[] = [];
      for await (const piece of afterMarker(inPieces(bytes, size), "mark")) pieces.push(piece);
      assert.equal(Buffer.concat(pieces).toString(), "\0data\n\nmark\n");
    }
  });

  it("gives nothing without a marker", async () => {
    for await (const piece of afterMarker(inPieces(Buffer.alloc(3_000_000), 50_000), "mark"))
      assert.fail(String(piece.length));
  });
});
