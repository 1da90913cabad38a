// Everything: types, lint, format, unit and contract tests on the three runtimes, and
// the slow ones: faults, whole commands against the lab, and the fault matrix.
// Run as: npm test [-- --only unit|deno|bun|lab|faults|check|e2e|matrix]

import { outliveReaders } from "../lib/cli/outlive-readers.ts";
import { mistake, readCommandLine } from "./testing/read-command-line.ts";
import { runTests, stageNames } from "./testing/run-tests.ts";
import { tellEnd } from "./testing/tell-end.ts";

const help = `Run as: npm test [-- --only PART[,PART…]]
Types, lint, format, all tests on Node, Bun and Deno, and as root those of the lab and the faults.
Parts are ${stageNames.join(", ")}`;

const line = readCommandLine(process.argv.slice(2), { help, flags: { only: "PART[,PART…]" } });

if (line.kind === "end") tellEnd(line);
else {
  const wanted = line.values["only"]?.flatMap((names) => names.split(",")) ?? stageNames;
  const stages = stageNames.filter((stage) => wanted.includes(stage));
  const unknown = wanted.find((name) => !stages.some((stage) => stage === name));
  // A terminal that was closed cannot be written to, and what the tests have made must go all the same.
  outliveReaders([process.stdout, process.stderr]);
  if (unknown === undefined) await runTests(stages, { quick: false });
  else tellEnd(mistake(`Unknown part ${JSON.stringify(unknown)}: there is ${stageNames.join(", ")}`));
}
