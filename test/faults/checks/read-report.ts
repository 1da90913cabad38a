// What a run says of itself: its summary, and the code it must end with if the summary is true.

import type { RunEnd } from "../../e2e/support/virtfold-process.ts";
import type { VmEnd } from "../outcome.ts";
import { hostName } from "../subjects.ts";

/** One VM's row of the summary. */
interface Row {
  readonly end: VmEnd;
  /** Whether it says that something is left on the host. */
  readonly isLeft: boolean;
}

/** The row of each VM, by name. */
export type Report = ReadonlyMap<string, Row>;

/** Reads the summary; empty when the run died. */
export function readReport({ stdout }: RunEnd): Report {
  const rows = stdout.matchAll(
    new RegExp(`^${hostName}/(\\S+) +(ok, host !|not done|(?:[a-z]+)(?: !)?)(?: |$)`, "gm"),
  );
  return new Map([...rows].map(([, vm = "", result = ""]) => [vm, rowOf(result)]));
}

/** How a VM's backup ended, as the summary says. */
export function endOf(report: Report, vm: string): VmEnd {
  return report.get(vm)?.end ?? "none";
}

/** The exit code that follows from the summary. */
export function codeOf(report: Report, options: { readonly wasStopped: boolean }): number {
  const rows = [...report.values()];
  if (rows.some(({ isLeft }) => isLeft)) return 4;
  if (options.wasStopped) return 130;
  return rows.length > 0 && rows.every(({ end }) => end === "good") ? 0 : 3;
}

function rowOf(result: string): Row {
  const isLeft = result.endsWith("!");
  const word = result.replace(/,? .*$/, "");
  switch (word) {
    case "ok":
      return { end: "good", isLeft };
    case "failed":
    case "refused":
      return { end: "failed", isLeft };
    case "interrupted":
      return { end: "interrupted", isLeft };
    case "not":
      return { end: "none", isLeft };
    default:
      throw new Error(`Cannot read the result "${result}" in the summary`);
  }
}
