// Reads from a TAP report of `node --test` which tests failed, and why. Pure.

import { sourceOfBundle } from "./bundle-names.ts";

/** A test that failed by itself, not because one inside it did. */
export interface FailedTest {
  /** Its own name, after those of the suites around it. */
  readonly names: readonly string[];
  /** Where it is written: the file relative to `top`, where it lies below that. */
  readonly file: string;
  /** What it failed with; its first line is what matters most. */
  readonly error: string;
}

interface Failure {
  readonly depth: number;
  readonly name: string;
  readonly details: string;
}

/** All of them, in the order of the report. */
export function failedTests(report: string, top: string): readonly FailedTest[] {
  // The runner reports a suite after what is in it, so those around a test are found going backwards.
  const around: Failure[] = [];
  const found: FailedTest[] = [];
  for (const failure of failuresIn(report).toReversed()) {
    around.length = Math.min(around.length, failure.depth);
    around.push(failure);
    const type = field(failure.details, "failureType");
    if (type === "subtestsFailed") continue;
    found.push({
      names: around.map(({ name }) => name),
      file: sourceOfBundle(field(failure.details, "location").replace(/(?::\d+){2}$/, "")).replace(
        `${top}/`,
        "",
      ),
      error: field(failure.details, "error"),
    });
  }
  return found.toReversed();
}

/** One paragraph about a failed test, shortened: the file, its name, and the first lines of why. */
export function failureLines({ names, file, error }: FailedTest): string {
  const lines = error.split("\n").filter((line) => line.trim() !== "");
  const shown = lines.slice(0, 4).map((line) => `      ${line.slice(0, 300)}`);
  return [`  ${file}: ${names.join(" > ")}`, ...shown].join("\n");
}

function failuresIn(report: string): readonly Failure[] {
  const pattern = /^( *)not ok \d+ - (.*)\n\1 {2}---\n((?:\1 {2}.*\n|\n)*?)\1 {2}\.\.\.$/gm;
  return [...report.matchAll(pattern)]
    .filter(([, , name = ""]) => !/ # (?:SKIP|TODO)\b/.test(name))
    .map(([, indent = "", name = "", details = ""]) => ({
      depth: indent.length / 4,
      name,
      details: details.replaceAll(new RegExp(`^${indent}  `, "gm"), ""),
    }));
}

/** A field of the report's YAML, in the three forms that Node writes. */
function field(details: string, name: string): string {
  const block = new RegExp(`^${name}: \\|-\\n((?: {2}.*\\n|\\n)*)`, "m").exec(details)?.[1];
  if (block !== undefined) return block.replaceAll(/^ {2}/gm, "").trimEnd();
  const text = new RegExp(`^${name}: (.*)$`, "m").exec(details)?.[1] ?? "";
  return /^(['"]).*\1$/.test(text) ? text.slice(1, -1) : text;
}
