// Writes schema/events.schema.json anew: npx tsx test/report/regenerate-event-schema.ts && npx prettier --write schema

import { writeFile } from "node:fs/promises";
import { eventJsonSchema } from "../../lib/report/event-schema.ts";

const file = new URL("../../schema/events.schema.json", import.meta.url);
await writeFile(file, `${JSON.stringify(eventJsonSchema(), undefined, 2)}\n`);
