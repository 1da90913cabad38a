// Writes schema/recover-output.schema.json anew: npx tsx test/report/regenerate-recover-schema.ts && npx prettier --write schema

import { writeFile } from "node:fs/promises";
import { recoverJsonSchema } from "../../lib/report/recover-schema.ts";

const file = new URL("../../schema/recover-output.schema.json", import.meta.url);
await writeFile(file, `${JSON.stringify(recoverJsonSchema(), undefined, 2)}\n`);
