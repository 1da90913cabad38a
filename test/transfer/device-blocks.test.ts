import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { deviceBlockBytes as block, deviceBlocks } from "../../lib/transfer/device-blocks.ts";

describe("deviceBlocks()", () => {
  const folder = mkdtempSync(join(tmpdir(), "vf-blocks-"));
  after(() => rmSync(folder, { recursive: true }));

  /** The lines, and what a device of ones holds once it was done as they say. */
  async function carriedOut(
    content: Buffer,
    { fromBytes = 0, bytes = content.length } = {},
  ): Promise<{ readonly lines: readonly string[]; readonly device: Buffer }> {
    const path = join(folder, "image");
    writeFileSync(path, content);
    const file = await open(path);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of deviceBlocks(file, { fromBytes, bytes })) chunks.push(chunk);
    } finally {
      await file.close();
    }
    const device = Buffer.alloc(content.length + block, 1);
    const lines: string[] = [];
    for (let rest = Buffer.concat(chunks); rest.length > 0;) {
      const line = rest.subarray(0, rest.indexOf("\n")).toString();
      lines.push(line);
      rest = rest.subarray(line.length + 1);
      const [, kind, ...numbers] = /^(\w+) (\d+) (\d+) (\d+)$/.exec(line) ?? [];
      const [size = 0, seek = 0, count = 0] = numbers.map(Number);
      const [from, length] = [size * seek, size * count];
      if (kind === "zeros") device.fill(0, from, from + length);
      else {
        rest.copy(device, from, 0, length);
        rest = rest.subarray(length);
      }
    }
    return { lines, device };
  }

  const data = Buffer.alloc(block, "x");
  const zeros = Buffer.alloc(block);
  const cases: Readonly<Record<string, readonly [readonly Buffer[], readonly string[]]>> = {
    "tells zeros, and sends the rest": [
      [data, data, zeros, zeros, zeros, data],
      [`data ${block} 0 2`, `zeros ${block} 2 3`, `data ${block} 5 1`],
    ],
    "sends a last block that is not whole by its sectors": [
      [data, data.subarray(0, 1536)],
      [`data ${block} 0 1`, "data 512 2048 3"],
    ],
    "sends what has no sectors by its bytes": [[data.subarray(0, 5)], ["data 1 0 5"]],
    "tells a last block of zeros by its sectors": [
      [zeros, zeros.subarray(0, 512)],
      [`zeros ${block} 0 1`, "zeros 512 2048 1"],
    ],
    "sends so many blocks at a time": [
      Array.from({ length: 17 }, () => data),
      [`data ${block} 0 16`, `data ${block} 16 1`],
    ],
    "sends a block that is zeros but for its last byte": [
      [Buffer.concat([zeros.subarray(1), Buffer.from("x")])],
      [`data ${block} 0 1`],
    ],
  };
  for (const [name, [blocks, expected]] of Object.entries(cases))
    it(name, async () => {
      const content = Buffer.concat(blocks);
      const { lines, device } = await carriedOut(content);
      assert.deepEqual(lines, expected);
      assert.ok(device.subarray(0, content.length).equals(content));
      assert.ok(device.subarray(content.length).every((byte) => byte === 1));
    });

  it("goes on at a block, and says nothing of what lies before it", async () => {
    const { lines } = await carriedOut(Buffer.concat([data, zeros, data]), { fromBytes: 2 * block });
    assert.deepEqual(lines, [`data ${block} 2 1`]);
    await assert.rejects(carriedOut(data, { fromBytes: 5 }), RangeError);
  });

  it("does not make up what a file that is too short does not have", async () => {
    await assert.rejects(carriedOut(data, { bytes: 2 * block }), RangeError);
  });
});
