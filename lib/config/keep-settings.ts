// The settings of retention by periods. Pure.

import { keepPeriods, type KeepPeriod, type KeepRules } from "../model/retention.ts";

/** Of how many periods a backup is kept; 0 is the same as nothing, and takes back what an outer level says. */
export interface KeepSettings {
  readonly keepLast: number | undefined;
  readonly keepHourly: number | undefined;
  readonly keepDaily: number | undefined;
  readonly keepWeekly: number | undefined;
  readonly keepMonthly: number | undefined;
  readonly keepYearly: number | undefined;
}

const wholeNumber = (value: string): number | undefined =>
  /^(?:0|[1-9]\d{0,4})$/.test(value) ? Number(value) : undefined;

const rule = (
  period: KeepPeriod,
  what: string,
  example: number,
): {
  readonly variable: string;
  readonly meaning: string;
  readonly example: string;
  readonly read: typeof wholeNumber;
  readonly fallback: undefined;
} => ({
  variable: `VIRTFOLD_KEEP_${period.toUpperCase()}`,
  meaning: `${what} to keep per VM, a whole number; any keep setting takes the place of max_backups`,
  example: String(example),
  read: wholeNumber,
  fallback: undefined,
});

/** How their texts are read. */
export const keepSettingRules = {
  keepLast: rule("last", "newest backups", 3),
  keepHourly: rule("hourly", "hours of which the newest backup is", 24),
  keepDaily: rule("daily", "days (UTC) of which the newest backup is", 7),
  keepWeekly: rule("weekly", "weeks (Monday to Sunday, UTC) of which the newest backup is", 4),
  keepMonthly: rule("monthly", "months (UTC) of which the newest backup is", 12),
  keepYearly: rule("yearly", "years (UTC) of which the newest backup is", 3),
} as const;

/** The rules that the settings give; undefined when they give none. */
export function keepRules(settings: Partial<KeepSettings>): KeepRules | undefined {
  const rules = keepPeriods.flatMap((period): [KeepPeriod, number][] => {
    const count = settings[keepSettingName(period)];
    return count === undefined || count === 0 ? [] : [[period, count]];
  });
  return rules.length === 0 ? undefined : Object.fromEntries(rules);
}

/** The setting for a period. */
export function keepSettingName(period: KeepPeriod): keyof KeepSettings {
  const names = {
    last: "keepLast",
    hourly: "keepHourly",
    daily: "keepDaily",
    weekly: "keepWeekly",
    monthly: "keepMonthly",
    yearly: "keepYearly",
  } as const;
  return names[period];
}
