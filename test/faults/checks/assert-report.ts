// Is what a run says of itself the truth?

import assert from "node:assert/strict";
import type { RunEnd } from "../../e2e/support/virtfold-process.ts";
import { outcomes, type Ends, type Outcome } from "../outcome.ts";
import { other, victim } from "../subjects.ts";
import { codeOf, endOf, readReport } from "./read-report.ts";

/** Asserts that a run ended in a way that its cell allows, and with the code that its own summary demands. */
export function assertReport(run: RunEnd, outcome: Outcome): void {
  const ends: Ends = outcomes[outcome];
  const report = readReport(run);
  const text = `${run.stderr}\n${run.stdout}`;
  const allowed = (what: string, values: readonly unknown[], value: unknown): void =>
    assert.ok(values.includes(value), `${what} is ${String(value)}, not ${values.join(" or ")}\n${text}`);
  allowed("the exit code", ends.codes, run.code);
  if (run.code === null) {
    assert.equal(run.stdout, "", "a run that was killed has told a summary");
    return;
  }
  allowed(`the end of ${victim}`, ends.victim, endOf(report, victim));
  allowed(`the end of ${other}`, ends.other, endOf(report, other));
  const wasStopped = ends.codes.includes(130);
  assert.equal(run.code, codeOf(report, { wasStopped }), `the exit code does not fit the summary\n${text}`);
  const good = [...report.values()].filter(({ end }) => end === "good").length;
  assert.match(run.stdout, new RegExp(`^${good} of ${report.size} VMs? backed up`, "m"));
}
