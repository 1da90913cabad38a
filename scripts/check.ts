// The quick loop: types, lint, format and the tests that need neither root nor the lab, on this runtime.
// Everything else is `npm test`.

import { runQuickTests } from "./testing/run-tests.ts";

await runQuickTests();
