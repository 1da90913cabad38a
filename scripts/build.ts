// Makes the program that is installed from npm: dist/program/virtfold.js.

import { fileURLToPath } from "node:url";
import { buildProgram } from "./packaging/build-program.ts";

const top = fileURLToPath(new URL("..", import.meta.url));
console.log(await buildProgram(top, { keepStale: false }));
