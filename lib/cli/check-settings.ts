// What cannot be understood is refused also where a command makes no use of it: another one would, of the same `.env`.

import { settingNames } from "../config/setting-rules.ts";
import { readSomeSettings, type SettingTexts } from "../config/settings.ts";
import { describeProblem } from "./describe-problem.ts";
import { usage } from "./usage.ts";

/** Refuses texts of settings that cannot be used, all at once. @throws BackupError `usage`. */
export function checkSettings(command: string, sources: readonly SettingTexts[]): void {
  const reading = readSomeSettings(settingNames, sources);
  if ("problems" in reading) throw usage(command, reading.problems.map(describeProblem).join("; "));
}
