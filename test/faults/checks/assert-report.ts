// Is what a run says of itself the truth?

import assert from "node:assert/strict";
import type { RunEnd } from "../../e2e/support/virtfold-process.ts";
import { outcomes, type Ends, type Outcome } from "../outcome.ts";
import { other, victim } from "../subjects.ts";
import { codeOf, endOf, readReport, type Report } from "./read-report.ts";

/** Asserts that a run ended in a way that its cell allows, and with the code that its own summary demands. */
export function assertReport(run: RunEnd, outcome: Outcome): Report {
  const ends: Ends = outcomes[outcome];
  const report = assertTrueCode(run, ends.codes);
  if (run.code === null) return report;
  assertAmong(run, ends.victim, { what: `the end of ${victim}`, value: endOf(report, victim) });
  assertAmong(run, ends.other, { what: `the end of ${other}`, value: endOf(report, other) });
  return report;
}

/** Asserts that a run ended with one of these codes, and that it is the one its own summary demands. */
export function assertTrueCode(run: RunEnd, codes: readonly (number | null)[]): Report {
  const report = readReport(run);
  assertAmong(run, codes, { what: "the exit code", value: run.code });
  if (run.code === null) {
    assert.equal(run.stdout, "", "a run that was killed has told a summary");
    return report;
  }
  const demanded = codeOf(report, { wasStopped: run.code === 130 });
  assert.equal(run.code, demanded, `the exit code does not fit the summary\n${textOf(run)}`);
  const good = [...report.values()].filter(({ end }) => end === "good").length;
  assert.match(run.stdout, new RegExp(`^${good} of ${report.size} VMs? backed up`, "m"));
  return report;
}

function assertAmong(
  run: RunEnd,
  allowed: readonly unknown[],
  { what, value }: { readonly what: string; readonly value: unknown },
): void {
  const message = `${what} is ${String(value)}, not ${allowed.join(" or ")}\n${textOf(run)}`;
  assert.ok(allowed.includes(value), message);
}

function textOf({ stderr, stdout }: RunEnd): string {
  return `${stderr}\n${stdout}`;
}
