// What a recovery came to: a table, then what is to be known or done, then a line that counts.

import type { SweptFolder } from "../model/recovery.ts";
import { unreachable } from "../model/unreachable.ts";
import { describeFailure, failureLine } from "./describe-failure.ts";
import { describeFate, describeLeftover } from "./describe-leftover.ts";
import { describeRecovery } from "./describe-recovery.ts";
import { plainTable } from "./plain-table.ts";
import { recoveryCounts } from "./recovery-counts.ts";
import type { RecoveryStatus } from "./recovery-status.ts";
import { words } from "./wording.ts";

/** How it was asked for. */
export interface RecoverySummaryOptions {
  readonly isDryRun: boolean;
}

/** The summary as text. */
export function recoverySummary(status: RecoveryStatus, options: RecoverySummaryOptions): string {
  const rows = [
    ...status.items.map(({ host, vm, recovery, outcome }) => [
      ...[host, vm ?? "-", describeLeftover(recovery), describeFate(outcome)],
    ]),
    ...status.folders.map((folder) => ["(store)", "-", folder.path, folderFate(folder, options)]),
  ];
  const table = rows.length === 0 ? "" : `${plainTable(["HOST", "VM", "FOUND", "RESULT"], rows)}\n`;
  const sentences = [
    ...[...status.failedHosts, ...status.failedVms].map(({ host, reason }) => failureLine(host, reason)),
    ...(status.storeFailure === undefined ? [] : [describeFailure(status.storeFailure)]),
    ...status.items.flatMap(describeRecovery),
    ...status.folders.flatMap(describeFolder),
  ];
  return `${table}${sentences.map((sentence) => `! ${sentence}\n`).join("")}${countLine(status, options)}`;
}

function folderFate({ fate }: SweptFolder, { isDryRun }: RecoverySummaryOptions): string {
  switch (fate) {
    case "removed":
      return isDryRun ? "would be removed" : "removed";
    case "in-use":
      return "at work, left alone";
    case "unknown-owner":
    case "not-ours":
    case "failed":
      return "kept";
    default:
      return unreachable(fate);
  }
}

function describeFolder({ path, fate, detail }: SweptFolder): readonly string[] {
  switch (fate) {
    case "removed":
    case "in-use":
      return [];
    case "unknown-owner":
      return [
        words`${path} was kept: it cannot be proved that the program that wrote it is dead. If no backup of that VM runs on any machine, delete it: rm -r -- ${{ shell: path }}`,
      ];
    case "not-ours":
      return [
        words`${path} was kept: what is in it is not what its name says. Look at it: ls -la ${{ shell: path }}`,
      ];
    case "failed":
      return [words`${path} was kept: it could not be removed (${{ raw: detail ?? "no detail" }})`];
    default:
      return unreachable(fate);
  }
}

function countLine(status: RecoveryStatus, { isDryRun }: RecoverySummaryOptions): string {
  const { startedHosts, finishedHosts, failedHosts, store, storeFailure } = status;
  const { found, atWork, people, right } = recoveryCounts(status, { isDryRun });
  const unfinished = Math.max(0, startedHosts.length - finishedHosts.length - failedHosts.length);
  const places = [
    ...(finishedHosts.length === 0 ? [] : [hosts(finishedHosts.length)]),
    ...(store === undefined ? [] : ["the store"]),
  ].join(" and ");
  const where = places === "" ? "" : ` on ${places}`;
  const nothing = places === "" ? "Nothing was found" : `Nothing is left${where}`;
  const something = isDryRun
    ? `${found} found${where}; nothing was changed`
    : `${right} of ${found} put right${where}`;
  return [
    found === 0 ? nothing : something,
    ...(atWork === 0 ? [] : [`${atWork} at work`]),
    ...(people === 0 ? [] : [`${people} ${people === 1 ? "needs" : "need"} a person`]),
    ...(failedHosts.length === 0 ? [] : [`${hosts(failedHosts.length)} not reached`]),
    ...(storeFailure === undefined ? [] : ["the store not looked through"]),
    ...(unfinished === 0 ? [] : [`${hosts(unfinished)} not looked through to the end`]),
  ].join(", ");
}

function hosts(count: number): string {
  return count === 1 ? "1 host" : `${count} hosts`;
}
