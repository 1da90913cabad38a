// How many backups to keep. Types only.

/** "last": the newest; the others: the newest of each hour, day, ISO week, month and year, all in UTC. */
export const keepPeriods = ["last", "hourly", "daily", "weekly", "monthly", "yearly"] as const;
export type KeepPeriod = (typeof keepPeriods)[number];

/** Of how many of these periods to keep a backup; of none where nothing is said. */
export type KeepRules = Readonly<Partial<Record<KeepPeriod, number>>>;
