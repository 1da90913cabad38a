// The soak as a program of its own: scripts/soak.ts can end it at any moment, and takes its lab down.
// Run as: node soak-program.ts MINUTES SEED

import { tellRefusal } from "../../lab/tell-refusal.ts";
import { runSoak } from "./run-soak.ts";

const [minutes = "", seed = ""] = process.argv.slice(2);
const file = "node_modules/.cache/virtfold/soak.txt";

await tellRefusal(async () => {
  const isGood = await runSoak({ minutes: Number(minutes), seed: Number(seed), file, say: console.log });
  console.log(`Kept in ${file}; again: npm run soak -- --minutes ${minutes} --seed ${seed}`);
  process.exitCode = isGood ? 0 : 1;
});
