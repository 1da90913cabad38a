// A script that runs a program and takes down what that has made; here it only says so.
// Run as: take-down-child.ts PROGRAM [ARGUMENT…]

import { runThenTakeDown } from "../../scripts/testing/run-then-take-down.ts";
import type { Argv } from "../../scripts/testing/runtimes.ts";

process.exitCode = await runThenTakeDown(process.argv.slice(2) as unknown as Argv, {
  graceSeconds: 10,
  takeDown: async () => console.log("taken down"),
});
