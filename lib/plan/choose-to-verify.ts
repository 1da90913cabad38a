// Which stored backups to read again now. Pure.

import type { BrokenBackup, GoodBackup, StoreEntry } from "../store/backup-entry.ts";

/** Something that has a backup's name. */
export type NamedBackup = GoodBackup | BrokenBackup;

export interface ChooseOptions {
  readonly now: Date;
  /** Only those that nobody has read for so long, or ever. */
  readonly olderThanSeconds: number | undefined;
  /** Only so many of them, in percent, rounded up. */
  readonly samplePercent: number | undefined;
}

/**
 * The backups to verify: those that were never verified first, the newest of these first of all, then those whose
 * verification is longest ago. So a sample every night comes round to all of them.
 */
export function chooseToVerify(
  entries: readonly StoreEntry[],
  options: ChooseOptions,
): readonly NamedBackup[] {
  const { now, olderThanSeconds = 0, samplePercent = 100 } = options;
  const due = entries
    .filter((entry) => entry.kind === "good" || entry.kind === "broken")
    .map((entry) => ({ entry, verifiedAt: verifiedAt(entry, now) }))
    .filter(({ verifiedAt: then }) => now.getTime() - then >= olderThanSeconds * 1000)
    .sort((a, b) => a.verifiedAt - b.verifiedAt || newestFirst(a.entry, b.entry));
  return due.slice(0, Math.ceil((due.length * samplePercent) / 100)).map(({ entry }) => entry);
}

/** -Infinity for never. A moment to come says that a clock was wrong, so it is as good as none. */
function verifiedAt(entry: NamedBackup, now: Date): number {
  if (entry.kind === "broken" || entry.verification === undefined) return -Infinity;
  const then = Date.parse(entry.verification.verifiedAt);
  return then > now.getTime() ? -Infinity : then;
}

function newestFirst(a: NamedBackup, b: NamedBackup): number {
  if (a.folderName !== b.folderName) return a.folderName < b.folderName ? 1 : -1;
  return a.path < b.path ? -1 : 1;
}
