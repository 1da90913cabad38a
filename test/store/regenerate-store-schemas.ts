// Writes the schemas of what verify and list note and print anew:
// npx tsx test/store/regenerate-store-schemas.ts && npx prettier --write schema

import { writeFile } from "node:fs/promises";
import { fileBeside } from "./file-beside.ts";
import { storeSchemas } from "./store-schemas.ts";

for (const [name, schema] of Object.entries(storeSchemas)) {
  const file = fileBeside(import.meta, `../../schema/${name}.schema.json`);
  await writeFile(file, `${JSON.stringify(schema(), undefined, 2)}\n`);
}
