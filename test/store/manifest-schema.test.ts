import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { manifestJsonSchema } from "../../lib/store/manifest.ts";
import { fileBeside } from "./file-beside.ts";

describe("schema/manifest.schema.json", () => {
  it("is what the manifest's schema generates (else run test/store/regenerate-manifest-schema.ts)", async () => {
    const text = await readFile(fileBeside(import.meta, "../../schema/manifest.schema.json"), "utf8");
    assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(manifestJsonSchema())));
  });
});
