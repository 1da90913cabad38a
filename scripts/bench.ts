#!/usr/bin/env -S npx tsx
// A whole backup of a simulated fleet, measured. Run as: npm run bench -- --hosts 100 --vms 5

import { readBench } from "../test/bench/read-bench.ts";
import { runBench } from "../test/bench/run-bench.ts";
import { tellEnd } from "./testing/tell-end.ts";

const request = readBench(process.argv.slice(2));

if (request.kind === "end") tellEnd(request);
else process.exitCode = await runBench(request);
