// Decides what a finished process means. Pure.

import type { Counts, RunnerSummary } from "./runner-summary.ts";

/** How a process ended. */
export interface ProcessEnd {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly endedBy: "limit" | "abort" | undefined;
}

/** A process, judged. */
export interface Verdict extends Counts {
  /** Why it is not good although no test says so, in a few words. */
  readonly problem: string | undefined;
  readonly skippedTests: readonly string[];
  /** Which tests failed and why, where the runner tells, each as a paragraph. */
  readonly failures?: readonly string[];
}

/** Judges a check that only has an exit code. It counts as one test. */
export function judgeCheck(end: ProcessEnd): Verdict {
  const problem = describeEnd(end);
  const failed = problem === undefined ? 0 : 1;
  return { passed: 1 - failed, failed, skipped: 0, problem, skippedTests: [] };
}

/**
 * Judges a test runner by its exit code and its own summary together: a runner that crashed, ran into its
 * limit, or ran nothing counts as one failed test, whatever else it says.
 */
export function judgeRunner(end: ProcessEnd, summary: RunnerSummary | undefined): Verdict {
  const counts = summary ?? { passed: 0, failed: 0, skipped: 0, skippedTests: [], emptyFiles: [] };
  const { passed, failed, skipped, skippedTests } = counts;
  const problem = problemOf(end, summary);
  return { passed, failed: Math.max(failed, problem === undefined ? 0 : 1), skipped, problem, skippedTests };
}

function problemOf(end: ProcessEnd, summary: RunnerSummary | undefined): string | undefined {
  const ending = describeEnd(end);
  if (summary === undefined) return `${ending ?? "ended well"}, without a summary`;
  // A failed test explains an exit code, but neither a signal nor a limit.
  if (ending !== undefined && (summary.failed === 0 || end.code === null || end.endedBy !== undefined))
    return ending;
  if (summary.emptyFiles.length > 0) return `no test in ${summary.emptyFiles.join(", ")}`;
  if (summary.passed + summary.failed + summary.skipped === 0) return "ran no test";
  return undefined;
}

function describeEnd({ code, signal, endedBy }: ProcessEnd): string | undefined {
  if (endedBy === "limit") return "took too long and was ended";
  if (endedBy === "abort") return "was interrupted";
  if (code === null) return `was ended by ${signal ?? "a signal"}`;
  return code === 0 ? undefined : `exit code ${code}`;
}
