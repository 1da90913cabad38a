// Verifications → lines, sentences and a summary.

import { unreachable } from "../model/unreachable.ts";
import type { Damage, DamageKind, Verification, VerifyEvent } from "../model/verification.ts";
import { commandLine } from "./command-line.ts";
import { formatBytes, formatSeconds } from "./format.ts";
import type { LogLine } from "./log-lines.ts";
import { notHeldLine } from "./not-held-line.ts";
import { plainTable } from "./plain-table.ts";
import { harmless, words } from "./wording.ts";

const damageWords: { readonly [Kind in DamageKind]: string } = {
  missing: "is missing",
  unreadable: "cannot be read",
  "not-a-file": "is no regular file",
  length: "has another length",
  checksum: "is not what was written",
  changing: "is being written to",
  malformed: "cannot be used",
  contradiction: "contradicts the rest",
};

/** The line for an event; undefined for what only moves bars. */
export function verifyLine(event: VerifyEvent): LogLine | undefined {
  switch (event.kind) {
    case "verify-started":
      return {
        level: "info",
        text: words`Verifying ${{ raw: event.backups === 1 ? "1 backup" : `${event.backups} backups` }} (${{ raw: formatBytes(event.bytes) }}) in ${{ raw: event.store }}`,
      };
    case "verify-progress":
      return undefined;
    case "verified":
      return verifiedLine(event.result);
    case "passed-over":
      return {
        level: "info",
        text: words`${{ raw: event.path }}: passed over, ${{ raw: event.why === "gone" ? "it was removed meanwhile" : "it is being removed" }}`,
      };
    case "closed-folder":
      return { level: "error", text: describeClosedFolder(event.path) };
    case "not-held":
      return notHeldLine(event);
    case "stopping":
      return {
        level: "warning",
        text: words`${{ raw: event.signal }}: stopping; once more to leave at once`,
      };
    default:
      return unreachable(event);
  }
}

function verifiedLine(result: Verification): LogLine {
  const took = `${formatBytes(result.bytes)} in ${formatSeconds(result.seconds)}`;
  if (result.state === "good") return { level: "info", text: `${placeOf(result)}: good (${took})` };
  const count = result.damages.length;
  if (result.state === "damaged")
    return {
      level: "error",
      text: `${placeOf(result)}: damaged: ${count} fault${count === 1 ? "" : "s"} (${took})`,
    };
  return { level: "error", text: `${placeOf(result)}: not verified: ${harmless(result.detail ?? "")}` };
}

/** The sentence for a folder of the store that is passed over because this user may not look into it. */
export function describeClosedFolder(path: string): string {
  return words`Cannot look into ${path}: what is in it was left out. Do it as the user that backs up into this store`;
}

/** What is wrong with one file of a backup. */
export function describeDamage({ kind, fileName, detail }: Damage): string {
  return words`${fileName} ${{ raw: damageWords[kind] }}: ${{ raw: detail }}`;
}

/** All verifications of a run as text: a table of what is not good, every fault, and what to do. */
export function verifySummary(results: readonly Verification[]): string {
  const bad = results.filter(({ state }) => state !== "good");
  const damaged = bad.filter(({ state }) => state === "damaged").length;
  const rows = bad.map(({ host, vm, folderName, state, damages }) => [
    ...[host, vm, folderName, state],
    [...new Set(damages.map(({ fileName }) => fileName))].join(", "),
  ]);
  const faults = bad.flatMap((result) => faultsOf(result).map((fault) => `! ${placeOf(result)}: ${fault}\n`));
  const unrecorded = results.filter(({ recordProblem }) => recordProblem !== undefined);
  const bytes = results.reduce((sum, result) => sum + result.bytes, 0);
  const good = results.length - bad.length;
  return [
    bad.length === 0 ? "" : `${plainTable(["HOST", "VM", "WHEN (UTC)", "STATE", "FILES"], rows)}\n`,
    ...faults,
    ...(damaged === 0 ? [] : [`${advice}\n`]),
    ...unrecorded.map(
      (result) =>
        words`! ${{ raw: placeOf(result) }}: the result could not be noted beside the backup: ${{ raw: result.recordProblem ?? "" }}\n`,
    ),
    `${good} of ${results.length} ${results.length === 1 ? "backup" : "backups"} good, ${damaged} damaged, ${formatBytes(bytes)} read`,
  ].join("");
}

const advice = `A damaged backup counts for no retention and is never removed by itself. Make a new one (${commandLine("backup")} HOST/VM), and look at the disk under the store`;

function faultsOf({ damages, detail }: Verification): readonly string[] {
  return [...damages.map(describeDamage), ...(detail === undefined ? [] : [harmless(detail)])];
}

function placeOf({ host, vm, folderName }: Verification): string {
  return `${harmless(host)}/${harmless(vm)}@${harmless(folderName)}`;
}
