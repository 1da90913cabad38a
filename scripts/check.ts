// The quick loop: types, lint, format and the tests that need neither root nor the lab, on this runtime.
// Everything else is `npm test`.

import { readCommandLine } from "./testing/read-command-line.ts";
import { runQuickTests } from "./testing/run-tests.ts";
import { tellEnd } from "./testing/tell-end.ts";

const help = `Run as: npm run check
Types, lint, format, and the tests that need neither root nor the lab. Everything is: npm test`;

const line = readCommandLine(process.argv.slice(2), { help, flags: {} });

if (line.kind === "end") tellEnd(line);
else await runQuickTests();
