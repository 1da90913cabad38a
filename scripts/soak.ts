#!/usr/bin/env -S npx tsx
// Backups of several VMs with random faults at random moments, for as long as one likes.
// Run as: npm run soak -- --minutes 30 [--seed 7]. The same seed throws the same faults at the same moments.

import { randomInt } from "node:crypto";
import { readSoak } from "../test/faults/soak/read-soak.ts";
import { runLabProgram } from "../test/lab/run-lab-program.ts";
import { tellEnd } from "./testing/tell-end.ts";

const request = readSoak(process.argv.slice(2));

if (request.kind === "end") tellEnd(request);
else {
  const { minutes, seed = randomInt(2 ** 31) } = request;
  const url = new URL("../test/faults/soak/soak-program.ts", import.meta.url);
  const lab = (process.env["VIRTFOLD_TEST_LAB"] ??= "soak");
  await runLabProgram({ url, args: [String(minutes), String(seed)], lab });
}
