// The quick loop: types, lint, format and the tests that are quick, on this runtime. The others are in `npm test`.

import { readCommandLine } from "./testing/read-command-line.ts";
import { runQuickTests } from "./testing/run-tests.ts";
import { tellEnd } from "./testing/tell-end.ts";

const help = `Run as: npm run check
Types, lint, format, and the tests that take no time and need neither root nor the lab.
Those of the shell, ssh and copies besides: npm test -- --only unit. Everything: npm test`;

const line = readCommandLine(process.argv.slice(2), { help, flags: {} });

if (line.kind === "end") tellEnd(line);
else await runQuickTests();
