// Which backups rules by periods keep. Pure.
//
// As borg and restic do it: of each of the last so many periods that have a backup, the newest. A period without one
// costs nothing, and now does not matter, so that a pause of a year, or a clock that is wrong, takes nothing away.
// All periods are those of UTC, as folder names are: no hour is twice or missing, whoever asks wherever.

import { keepPeriods, type KeepPeriod, type KeepRules } from "../model/retention.ts";
import type { GoodBackup } from "../store/backup-entry.ts";

/** A rule that keeps a backup, and for which period: `2026-11-23`, `2026-W48`. */
export interface KeptFor {
  readonly rule: KeepPeriod;
  readonly period: string;
}

/**
 * What the rules keep, and what for; `backups` newest first. Of a period's backups the newest that holds the whole VM
 * is kept, else the newest.
 */
export function keepByPeriods(
  backups: readonly GoodBackup[],
  rules: KeepRules,
): ReadonlyMap<GoodBackup, readonly KeptFor[]> {
  const kept = new Map<GoodBackup, KeptFor[]>();
  for (const rule of keepPeriods) {
    const periods = new Map<string, GoodBackup[]>();
    for (const backup of backups) {
      const period = periodOf(rule, backup);
      periods.set(period, [...(periods.get(period) ?? []), backup]);
    }
    for (const [period, members] of [...periods].slice(0, rules[rule] ?? 0)) {
      const chosen = members.find(({ manifest }) => manifest.degradedBy.length === 0) ?? members[0];
      if (chosen !== undefined) kept.set(chosen, [...(kept.get(chosen) ?? []), { rule, period }]);
    }
  }
  return kept;
}

const lengths = { hourly: 13, daily: 10, monthly: 7, yearly: 4 } as const;

function periodOf(rule: KeepPeriod, { manifest }: GoodBackup): string {
  // A manifest may spell a moment in several ways.
  const moment = new Date(manifest.startedAt);
  if (rule === "last") return `${moment.toISOString()} ${manifest.backupId}`;
  return rule === "weekly" ? isoWeek(moment) : moment.toISOString().slice(0, lengths[rule]);
}

const dayMilliseconds = 86_400_000;

/** ISO 8601: weeks begin on Monday, and belong to the year of their Thursday. */
function isoWeek(moment: Date): string {
  const weekday = (moment.getUTCDay() + 6) % 7;
  const thursday = new Date(moment.getTime() + (3 - weekday) * dayMilliseconds);
  const year = thursday.getUTCFullYear();
  const week = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / dayMilliseconds / 7) + 1;
  return `${year}-W${String(week).padStart(2, "0")}`;
}
