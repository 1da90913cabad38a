// What a soak is told on the command line. Pure.

import { mistake, readCommandLine, type ScriptEnd } from "../../../scripts/testing/read-command-line.ts";

const help = `Run as: npm run soak -- [--minutes NUMBER] [--seed NUMBER]
Backups of several VMs with random faults at random moments, in a lab of its own, which is taken down in the end,
also after Ctrl-C. Needs root, on Debian or Ubuntu.
  --minutes NUMBER  how long (default 10); a round that has begun is carried through
  --seed NUMBER     throws the same faults at the same moments as the run that had this seed`;

/** How long, and with which dice; without a seed, any will do. */
export interface SoakRequest {
  readonly kind: "run";
  readonly minutes: number;
  readonly seed: number | undefined;
}

/** Reads a command line (without program and script). */
export function readSoak(argv: readonly string[]): SoakRequest | ScriptEnd {
  const line = readCommandLine(argv, { help, flags: { minutes: "NUMBER", seed: "NUMBER" } });
  if (line.kind === "end") return line;
  const { minutes = "10", seed } = Object.fromEntries(
    Object.entries(line.values).map(([name, texts]) => [name, texts.at(-1)]),
  );
  if (!/^\d+(?:\.\d+)?$/.test(minutes) || !isDuration(Number(minutes)))
    return mistake(`--minutes cannot be ${JSON.stringify(minutes)}: a number above 0, at most ${longest}`);
  if (seed !== undefined && (!/^\d+$/.test(seed) || !Number.isSafeInteger(Number(seed))))
    return mistake(`--seed cannot be ${JSON.stringify(seed)}: a whole number from 0`);
  return { kind: "run", minutes: Number(minutes), seed: seed === undefined ? undefined : Number(seed) };
}

/** A week. */
const longest = 7 * 24 * 60;

function isDuration(minutes: number): boolean {
  return minutes > 0 && minutes <= longest;
}
