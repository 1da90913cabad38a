import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { inventoryJsonSchema } from "../../lib/config/inventory-schema.ts";
import { readInventory } from "../../lib/config/read-inventory.ts";

const textOf = async (path: string): Promise<string> =>
  await readFile(new URL(`../../${path}`, import.meta.url), "utf8");

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly description?: string;
}

describe("schema/inventory.schema.json", () => {
  it("is what the inventory's schema generates (else run test/config/regenerate-inventory-schema.ts)", async () => {
    const published: unknown = JSON.parse(await textOf("schema/inventory.schema.json"));
    assert.deepEqual(published, JSON.parse(JSON.stringify(inventoryJsonSchema())));
  });
});

describe("docs/inventory.md", () => {
  it("has a row for every key", async () => {
    const docs = await textOf("docs/inventory.md");
    const keys = new Set<string>();
    const collect = (node: unknown): void => {
      if (typeof node !== "object" || node === null) return;
      for (const [key, part] of Object.entries((node as SchemaNode).properties ?? {})) {
        keys.add(key);
        collect(part);
      }
      for (const part of Object.values(node)) if (Array.isArray(part)) part.forEach(collect);
    };
    collect(inventoryJsonSchema());
    assert.ok(keys.size > 20, [...keys].join());
    for (const key of keys) assert.match(docs, new RegExp(`^\\| \`${key}\` \\|`, "m"), key);
  });
});

describe("hosts/example.yaml", () => {
  it("can be read, and names its schema for editors", async () => {
    const text = await textOf("hosts/example.yaml");
    assert.match(text, /^# yaml-language-server: \$schema=\.\.\/schema\/inventory\.schema\.json$/m);
    const reading = readInventory(text, "hosts/example.yaml");
    assert.ok("inventory" in reading && reading.inventory.hosts.length > 0);
  });
});
