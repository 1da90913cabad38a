// Reads what the three test runners say about their own run. Pure.

/** How many tests did what. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** One runner's account of its run. */
export interface RunnerSummary extends Counts {
  /** Tests that were skipped, as the runner printed them, with the reason where it gives one. */
  readonly skippedTests: readonly string[];
  /** Test files that held no test. */
  readonly emptyFiles: readonly string[];
}

/**
 * Reads the TAP report of `node --test`. Undefined when it has no summary, as after a crash.
 *
 * Node leaves a skipped suite out of its own count of skipped tests, so the lines are counted too. It reports a
 * file without tests as one passed test of the file's name.
 */
export function readTap(report: string): RunnerSummary | undefined {
  const count = (word: string): number | undefined =>
    lastNumber(report, new RegExp(`^# ${word} (\\d+)$`, "gm"));
  const [passed, failed] = [count("pass"), count("fail")];
  if (passed === undefined || failed === undefined) return undefined;
  const marked = /^ *(?:not )?ok \d+ - (.*) # (SKIP|TODO)\b ?(.*)$/gm;
  const skippedTests = [...report.matchAll(marked)].map(([, name = "", , reason = ""]) =>
    reason === "" ? name : `${name} (${reason})`,
  );
  const emptyFiles = [...report.matchAll(/^ok \d+ - (\S.*\.test\.ts)$/gm)].map(([, file = ""]) => file);
  return {
    passed: passed - emptyFiles.length,
    failed: failed + (count("cancelled") ?? 0),
    skipped: Math.max(skippedTests.length, (count("skipped") ?? 0) + (count("todo") ?? 0)),
    skippedTests,
    emptyFiles,
  };
}

/** Reads what `bun test` prints. Undefined when it has no summary. Bun does not count subtests. */
export function readBun(output: string): RunnerSummary | undefined {
  if (!/^Ran \d+ tests? across \d+ files?\./m.test(output)) return undefined;
  const count = (word: string): number => lastNumber(output, new RegExp(`^ *(\\d+) ${word}$`, "gm")) ?? 0;
  const skippedTests = [...output.matchAll(/^\((?:skip|todo)\) (.*?)(?: \[[\d.]+m?s\])?$/gm)].map(
    ([, name = ""]) => name,
  );
  return {
    passed: count("pass"),
    // An error between tests has a line of its own, and is not always among the failed.
    failed: Math.max(count("fail"), count("errors?")),
    skipped: count("skip") + count("todo"),
    skippedTests,
    emptyFiles: [],
  };
}

/** Reads what `deno test` prints. Undefined when it has no summary. To Deno, suites are tests and what is in them are steps. */
export function readDeno(output: string): RunnerSummary | undefined {
  const last = [...output.matchAll(/^(?:ok|FAILED) \| (\d+ passed.*)$/gm)].at(-1)?.[1];
  if (last === undefined) return undefined;
  const count = (word: string): number => {
    const found = new RegExp(`(\\d+) ${word}(?: \\((\\d+) steps?\\))?`).exec(last);
    return Number(found?.[1] ?? 0) + Number(found?.[2] ?? 0);
  };
  const skippedTests = [...output.matchAll(/^ *(.*) \.\.\. ignored \(.*\)$/gm)].map(([, name = ""]) => name);
  const emptyFiles = [...output.matchAll(/^running 0 tests from (.*)$/gm)].map(([, file = ""]) => file);
  return {
    passed: count("passed"),
    failed: count("failed"),
    skipped: count("ignored"),
    skippedTests,
    emptyFiles,
  };
}

/** A runner's output without its lines about tests that passed. */
export function withoutPasses(output: string): string {
  return output.replaceAll(/^ *(?:✔ .*|\(pass\) .*|.* \.\.\. ok \(.*\))\n/gm, "").trim();
}

function lastNumber(text: string, pattern: RegExp): number | undefined {
  const digits = [...text.matchAll(pattern)].at(-1)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
