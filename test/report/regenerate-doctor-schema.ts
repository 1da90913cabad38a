// Writes schema/doctor.schema.json anew: npx tsx test/report/regenerate-doctor-schema.ts && npx prettier --write schema

import { writeFile } from "node:fs/promises";
import { examinationJsonSchema } from "../../lib/report/examination-schema.ts";

const file = new URL("../../schema/doctor.schema.json", import.meta.url);
await writeFile(file, `${JSON.stringify(examinationJsonSchema(), undefined, 2)}\n`);
