// Makes the program that is installed from npm, dist/program/virtfold.js; with --swift what tests start.

import { fileURLToPath } from "node:url";
import { buildCommandRunner } from "./packaging/build-command-runner.ts";
import { buildProgram } from "./packaging/build-program.ts";

const top = fileURLToPath(new URL("..", import.meta.url));
const swift = process.argv.includes("--swift");
// Another run of the tests may be using what is there.
console.log(await buildProgram(top, { keepStale: swift, swift }));
if (swift) console.log(await buildCommandRunner(top));
