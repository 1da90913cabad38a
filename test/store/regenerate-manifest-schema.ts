// Writes schema/manifest.schema.json anew: npx tsx test/store/regenerate-manifest-schema.ts && npx prettier --write schema

import { writeFile } from "node:fs/promises";
import { manifestJsonSchema } from "../../lib/store/manifest.ts";
import { fileBeside } from "./file-beside.ts";

const file = fileBeside(import.meta, "../../schema/manifest.schema.json");
await writeFile(file, `${JSON.stringify(manifestJsonSchema(), undefined, 2)}\n`);
