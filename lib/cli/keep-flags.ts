// The flags that say how many backups to keep.

import type { Flag } from "./arguments.ts";

/** Flags of every command that removes backups. */
export const keepFlags: readonly Flag[] = [
  { flags: "--max-backups <n>", meaning: "good backups to keep per VM (default 6)", setting: "maxBackups" },
  {
    flags: "--keep-last <n>",
    meaning: "keep the newest n; any --keep-… replaces --max-backups",
    setting: "keepLast",
  },
  {
    flags: "--keep-hourly <n>",
    meaning: "keep the newest of each of the last n hours that have one",
    setting: "keepHourly",
  },
  { flags: "--keep-daily <n>", meaning: "likewise of days (all times are UTC)", setting: "keepDaily" },
  { flags: "--keep-weekly <n>", meaning: "likewise of weeks, from Monday", setting: "keepWeekly" },
  { flags: "--keep-monthly <n>", meaning: "likewise of months", setting: "keepMonthly" },
  { flags: "--keep-yearly <n>", meaning: "likewise of years", setting: "keepYearly" },
];
