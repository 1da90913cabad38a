// What drills came to, for people and for programs. Pure.

import type { DrillResult } from "../model/drill.ts";
import { describeRestoreFailure } from "./describe-restore-failure.ts";
import { describeTrouble } from "./drill-lines.ts";
import { formatSeconds } from "./format.ts";
import { plainTable } from "./plain-table.ts";
import { harmless, words } from "./wording.ts";

/** All drills of a run: a table, and a sentence for each that did not end well. */
export function drillSummary(results: readonly DrillResult[]): string {
  const rows = results.map(({ host, vm, folderName, on, outcome }) => [
    ...[host, vm, folderName, on, outcome.kind === "undone" ? "not drilled" : outcome.kind],
    outcome.kind === "booted" ? formatSeconds(outcome.rtoSeconds) : "-",
  ]);
  const booted = results.filter(({ outcome }) => outcome.kind === "booted").length;
  return [
    plainTable(["HOST", "VM", "WHEN (UTC)", "ON", "RESULT", "RTO"], rows),
    ...results.flatMap(sentencesOf),
    `${booted} of ${results.length} ${results.length === 1 ? "backup" : "backups"} booted`,
  ].join("\n");
}

function sentencesOf(result: DrillResult): readonly string[] {
  const { outcome, recordProblem } = result;
  const place = `! ${harmless(result.host)}/${harmless(result.vm)}@${harmless(result.folderName)}: `;
  const said = describeOutcome(outcome);
  return [
    ...(said === undefined ? [] : [place + said]),
    ...(recordProblem === undefined
      ? []
      : [place + words`the result could not be noted beside the backup: ${{ raw: recordProblem }}`]),
  ];
}

function describeOutcome(outcome: DrillResult["outcome"]): string | undefined {
  if (outcome.kind === "booted") return undefined;
  if (outcome.kind === "undone") return describeRestoreFailure(outcome.reason);
  const kept = outcome.evidence.length === 0 ? "" : words`; kept in the store: ${outcome.evidence}`;
  return `${describeTrouble(outcome.trouble)}${kept}`;
}

/** The report of a run, as it stands in the store and as `--json` prints it. Version 1 may gain keys. */
export function drillReport(run: {
  readonly store: string;
  readonly startedAt: Date;
  readonly at: Date;
  readonly exitCode: number;
  readonly results: readonly DrillResult[];
}): object {
  return {
    ...{ kind: "drill-report", version: 1, store: run.store, exitCode: run.exitCode },
    ...{ startedAt: run.startedAt.toISOString(), at: run.at.toISOString() },
    drills: run.results.map(({ outcome, folderName, ...result }) => ({
      ...{ ...result, when: folderName, result: outcome.kind },
      ...(outcome.kind === "undone" ? { reason: outcome.reason } : {}),
      ...(outcome.kind === "failed" ? { trouble: outcome.trouble, evidence: outcome.evidence } : {}),
      ...(outcome.kind === "booted"
        ? { rtoSeconds: outcome.rtoSeconds, bootSeconds: outcome.bootSeconds }
        : {}),
      sentence: describeOutcome(outcome),
    })),
  };
}
