// What a prune did, as text.

import type { Pruned } from "../model/pruning.ts";
import { describeFailure } from "./describe-failure.ts";
import { formatBytes } from "./format.ts";
import { plainTable } from "./plain-table.ts";

const fateWords: { readonly [Fate in Pruned["fate"]]: string } = {
  kept: "kept",
  removed: "removed",
  "would-remove": "would be removed",
  "in-use": "kept, in use",
  failed: "not removed",
  ignored: "left alone",
};

/** A row for each decision with its reason, what went wrong, and how much it came to. */
export function pruneText(all: readonly Pruned[]): string {
  const rows = all.map(({ host, vm, when, fate, why }) => [host, vm, when, fateWords[fate], why]);
  const troubles = all.flatMap(({ reason }) =>
    reason === undefined ? [] : [`! ${describeFailure(reason)}\n`],
  );
  const gone = all.filter(({ fate }) => fate === "removed" || fate === "would-remove");
  const isDryRun = gone.some(({ fate }) => fate === "would-remove");
  const bytes = gone.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
  const count = gone.length === 1 ? "1 backup" : `${gone.length} backups`;
  return [
    rows.length === 0 ? "" : `${plainTable(["HOST", "VM", "WHEN (UTC)", "FATE", "WHY"], rows)}\n`,
    ...troubles,
    `${count} ${isDryRun ? "would be removed" : "removed"} (${formatBytes(bytes)}), ${all.length - gone.length} left`,
  ].join("");
}
