// Runs parts and shows each one's result as it comes in.

import type { Part } from "./parts.ts";
import { resultLine } from "./report.ts";
import type { PartResult } from "./report.ts";
import { runProcess } from "./run-process.ts";
import { withoutPasses } from "./runner-summary.ts";

export interface RunOptions {
  readonly directory: string;
  /** How many parts run at once, but for those that run alone. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
}

/**
 * Runs all parts; one that fails stops no other. After an abort, what has not begun is left out, but not what cleans up
 * after that which has.
 */
export async function runParts(parts: readonly Part[], options: RunOptions): Promise<readonly PartResult[]> {
  const results: PartResult[] = [];
  const runAll = async (queue: Part[]): Promise<void> => {
    for (let part = queue.shift(); part !== undefined && !options.signal.aborted; part = queue.shift()) {
      results.push(await runPart(part, options));
      for (const cleaning of part.cleaning ?? [])
        results.push(await runPart(cleaning, { ...options, signal: never }));
    }
  };
  const quick = parts.filter((part) => !part.alone);
  await Promise.all(Array.from({ length: options.concurrency }, () => runAll(quick)));
  await runAll(parts.filter((part) => part.alone));
  return results;
}

/** Is not aborted. */
const never = new AbortController().signal;

async function runPart(part: Part, { directory, signal }: RunOptions): Promise<PartResult> {
  const { name, argv, limitSeconds, graceSeconds, alone } = part;
  if (alone) console.log(`\n${name}:`);
  const finished = await runProcess(argv, {
    directory,
    limitSeconds,
    signal,
    live: alone,
    graceSeconds,
  });
  const result = { name, seconds: finished.seconds, verdict: await part.judge(finished) };
  if (result.verdict.failed > 0 && !alone) console.log(`\n${name}:\n${withoutPasses(finished.output)}`);
  console.log(resultLine(result));
  return result;
}
