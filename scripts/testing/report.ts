// What `npm test` and `npm run check` print. Pure.

import type { Verdict } from "./judge-run.ts";
import type { Counts } from "./runner-summary.ts";

const shownFailures = 12;

/** A part that ran. */
export interface PartResult {
  readonly name: string;
  readonly seconds: number;
  readonly verdict: Verdict;
}

/** A part that could not run here. */
export interface SkippedPart {
  readonly name: string;
  /** How many test files it has. */
  readonly files: number;
  readonly why: string;
}

/** One line of the table: what, how it ended, how long it took. */
export function resultLine({ name, seconds, verdict }: PartResult): string {
  const { passed, failed, skipped, problem } = verdict;
  const counts = [`${passed} passed`, failed > 0 && `${failed} failed`, skipped > 0 && `${skipped} skipped`];
  const words = [counts.filter((word) => word !== false).join(", "), problem].filter(
    (word) => word !== undefined,
  );
  return `${failed > 0 ? "FAILED" : "ok    "}  ${name.padEnd(14)} ${seconds.toFixed(1).padStart(6)} s  ${words.join("; ")}`;
}

/** What failed and why, under the name of each part: at the end of a long output, where it is looked for. */
export function failuresText(results: readonly PartResult[]): string | undefined {
  const failed = results.filter(({ verdict }) => verdict.failed > 0);
  if (failed.length === 0) return undefined;
  const blocks = failed.map(({ name, verdict: { failures = [] } }) => {
    const more = failures.length > shownFailures ? [`  and ${failures.length - shownFailures} more`] : [];
    return [`Failed: ${name}`, ...failures.slice(0, shownFailures), ...more].join("\n");
  });
  return blocks.join("\n");
}

/** All counts together. A part that could not run counts one skipped for each of its files. */
export function totalOf(results: readonly PartResult[], skippedParts: readonly SkippedPart[]): Counts {
  const sum = (key: keyof Counts): number => results.reduce((total, { verdict }) => total + verdict[key], 0);
  const skippedFiles = skippedParts.reduce((total, { files }) => total + Math.max(files, 1), 0);
  return { passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped") + skippedFiles };
}

/** One line that names what was skipped and why; undefined when nothing was. */
export function skippedLine(
  results: readonly PartResult[],
  skippedParts: readonly SkippedPart[],
): string | undefined {
  const parts = skippedParts.map(({ name, files, why }) => `${name} (${files} files): ${why}`);
  const tests = results
    .filter(({ verdict }) => verdict.skipped > 0)
    .map(({ name, verdict }) => `${name}: ${shorten(verdict.skippedTests) || `${verdict.skipped} tests`}`);
  const all = [...parts, ...tests];
  return all.length === 0 ? undefined : `Skipped: ${all.join("; ")}`;
}

/** One line that names what these parts have but do not run unless they are told to; undefined when that is nothing. */
export function leftOutLine(
  parts: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const left = [
    parts.includes("e2e") && environment["VIRTFOLD_E2E"] !== "all" && "the longer end-to-end tests",
    parts.some((name) => ["e2e", "matrix"].includes(name)) &&
      environment["VIRTFOLD_FAULTS"] === undefined &&
      "most of the fault matrix",
  ].filter((text) => text !== false);
  return left.length === 0 ? undefined : `Left to npm run test:all: ${left.join(", and ")}`;
}

/** The last line, in the plain form that CI reads. */
export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** Whether the run as a whole is good. In CI nothing may be skipped. */
export function isGood({ passed, failed, skipped }: Counts, options: { readonly inCi: boolean }): boolean {
  return passed > 0 && failed === 0 && !(options.inCi && skipped > 0);
}

function shorten(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(", ");
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
