// Where a recovery stands → how much was found, and what became of it. Pure.

import { isForPerson, needsPerson, type RecoveryStatus } from "./recovery-status.ts";

/** Counts of what was left on hosts and in the store. */
export interface RecoveryCounts {
  readonly found: number;
  /** Backups that are at work, and were left alone. */
  readonly atWork: number;
  readonly people: number;
  /** What is in order by now; nothing of a dry run is. */
  readonly right: number;
}

/** Counts what was found. */
export function recoveryCounts(
  { items, folders }: RecoveryStatus,
  { isDryRun }: { readonly isDryRun: boolean },
): RecoveryCounts {
  const ended = items.filter(({ outcome }) => ["restored", "ended-by-itself"].includes(outcome.kind));
  const removed = folders.filter(({ fate }) => fate === "removed");
  return {
    found: items.length + folders.length,
    atWork:
      items.filter(({ outcome }) => outcome.kind === "held").length +
      folders.filter(({ fate }) => fate === "in-use").length,
    people: items.filter(needsPerson).length + folders.filter(isForPerson).length,
    right: isDryRun ? 0 : ended.length + removed.length,
  };
}
