// Everything: types, lint, format, unit and contract tests on the three runtimes, and
// the slow ones: faults, whole commands against the lab, and the fault matrix.
// Run as: npm test [-- --only check|unit|bun|deno|faults|lab|e2e|matrix]

import { parseArgs } from "node:util";
import { runTests, stageNames } from "./testing/run-tests.ts";

const { values } = parseArgs({ options: { only: { type: "string", multiple: true } } });
const wanted = values.only?.flatMap((names) => names.split(",")) ?? stageNames;
const stages = stageNames.filter((stage) => wanted.includes(stage));
const unknown = wanted.filter((name) => !stages.some((stage) => stage === name));

if (unknown.length > 0) {
  console.error(`Unknown part ${JSON.stringify(unknown[0])}. Parts are ${stageNames.join(", ")}`);
  process.exitCode = 2;
} else {
  await runTests(stages, { quick: false });
}
