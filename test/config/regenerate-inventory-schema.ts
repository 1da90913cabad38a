// Writes schema/inventory.schema.json anew:
// npx tsx test/config/regenerate-inventory-schema.ts && npx prettier --write schema

import { writeFile } from "node:fs/promises";
import { inventoryJsonSchema } from "../../lib/config/inventory-schema.ts";

const file = new URL("../../schema/inventory.schema.json", import.meta.url);
await writeFile(file, `${JSON.stringify(inventoryJsonSchema(), undefined, 2)}\n`);
