#!/usr/bin/env -S npx tsx
// Backups of several VMs with random faults at random moments, for as long as one likes.
// Run as: npm run soak -- --minutes 30 [--seed 7]. The same seed throws the same faults at the same moments.

import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { runSoak } from "../test/faults/soak/run-soak.ts";
import { bringDownLab } from "../test/lab/lab.ts";

const { values } = parseArgs({ options: { minutes: { type: "string" }, seed: { type: "string" } } });
const minutes = Number(values.minutes ?? "10");
const seed = Number(values.seed ?? randomInt(2 ** 31));
const file = "node_modules/.cache/virtfold/soak.txt";

if (!(minutes > 0 && minutes <= 7 * 24 * 60) || !Number.isSafeInteger(seed) || seed < 0) {
  console.error("Run as: npm run soak -- --minutes NUMBER [--seed NUMBER]");
  process.exitCode = 2;
} else {
  const lab = (process.env["VIRTFOLD_TEST_LAB"] ??= "soak");
  try {
    const isGood = await runSoak({ minutes, seed, file, say: console.log });
    console.log(`Kept in ${file}; again: npm run soak -- --minutes ${minutes} --seed ${seed}`);
    process.exitCode = isGood ? 0 : 1;
  } finally {
    await bringDownLab(lab);
  }
}
