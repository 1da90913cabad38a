// The table of a run's VMs, in 80 columns: what was read, sent and stored for each, and how long it took. Pure.

import type { VmStatus } from "./fleet-status.ts";
import { shortBytes, shortSeconds } from "./format.ts";
import { leftOnHost } from "./left-on-host.ts";
import { plainTable } from "./plain-table.ts";
import { harmless } from "./wording.ts";

/** With the other columns at their widest this makes 80. */
const nameColumns = 14;
const head = ["VM", "RESULT", "READ", "SENT", "STORED", "TIME", "OVERLAY", "CONSISTENCY"];

/** A line for each VM; one with a long name has two, so that no name makes the others' lines break. */
export function summaryTable(vms: readonly VmStatus[]): string {
  const names = vms.map(({ host, vm }) => harmless(`${host}/${vm}`));
  const isLong = (name: string): boolean => name.length > nameColumns;
  const rows = vms.map((vm, index) => {
    const name = names[index] ?? "";
    return [isLong(name) ? "" : name, ...cells(vm)];
  });
  const [headLine = "", ...lines] = plainTable(head, rows).split("\n");
  const withNames = lines.map((line, index) => {
    const name = names[index] ?? "";
    return isLong(name) ? `${name}\n${line}` : line;
  });
  return [headLine, ...withNames].join("\n");
}

function cells(vm: VmStatus): readonly string[] {
  const { outcome, refusal, copiedBytes, sentBytes } = vm;
  if (refusal !== undefined) return ["refused"];
  if (outcome === undefined) return ["not done"];
  const isRestored = leftOnHost(vm).length === 0;
  // Of one that failed it says what was spent on it.
  const bytes = copiedBytes === 0 ? ["-", "-"] : [shortBytes(copiedBytes), shortBytes(sentBytes)];
  if (outcome.kind !== "backed-up") return [isRestored ? outcome.kind : `${outcome.kind} !`, ...bytes];
  const wasOnOverlay = outcome.secondsOnOverlay > 0 || outcome.overlayPeakBytes > 0;
  return [
    !isRestored ? "ok, host !" : outcome.degradedBy.length > 0 ? "degraded" : "ok",
    ...bytes,
    shortBytes(outcome.storedBytes),
    shortSeconds(outcome.seconds),
    wasOnOverlay ? shortSeconds(outcome.secondsOnOverlay) : "-",
    outcome.consistency,
  ];
}
