// `npm run demo`: two real hypervisors on this machine, every VM on them backed up, one brought back by hand.

import { runLabProgram } from "../test/lab/run-lab-program.ts";
import { readCommandLine } from "./testing/read-command-line.ts";
import { tellEnd } from "./testing/tell-end.ts";

const help = `Run as: npm run demo
Brings two real hypervisors up on this machine, backs up every VM on them, loses one and brings it back.
In the end, also after Ctrl-C, it takes them down. Needs root, on Debian or Ubuntu.`;

const line = readCommandLine(process.argv.slice(2), { help, flags: {} });
const lab = "demo";

if (line.kind === "end") tellEnd(line);
else await runLabProgram({ url: new URL("../test/lab/demonstrate.ts", import.meta.url), args: [lab], lab });
