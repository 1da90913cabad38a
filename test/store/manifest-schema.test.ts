import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { manifestJsonSchema } from "../../lib/store/manifest.ts";
import { fileBeside } from "./file-beside.ts";
import { storeSchemas } from "./store-schemas.ts";

describe("schema/manifest.schema.json", () => {
  it("is what the manifest's schema generates (else run test/store/regenerate-manifest-schema.ts)", async () => {
    const text = await readFile(fileBeside(import.meta, "../../schema/manifest.schema.json"), "utf8");
    assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(manifestJsonSchema())));
  });
});

describe("the schemas of what verify and list note and print", () => {
  for (const [name, schema] of Object.entries(storeSchemas))
    it(`schema/${name}.schema.json is what is generated (else run test/store/regenerate-store-schemas.ts)`, async () => {
      const text = await readFile(fileBeside(import.meta, `../../schema/${name}.schema.json`), "utf8");
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(schema())));
    });
});
