// How much a command shows: flags, environment and .env.

import { isColorOff, loadSettingTexts } from "../config/load.ts";
import { readSomeSettings } from "../config/settings.ts";
import type { Arguments } from "./arguments.ts";
import type { ConsoleOptions } from "./console.ts";
import { describeProblem } from "./describe-problem.ts";
import { usage } from "./usage.ts";

/** What `command` was asked to show. @throws BackupError `usage`. */
export async function readVolume(
  command: string,
  args: Extract<Arguments, { kind: "run" }>,
): Promise<ConsoleOptions> {
  const sources = [args.texts, ...(await loadSettingTexts(process.cwd()))];
  const reading = readSomeSettings(["quiet", "verbose"], sources);
  if ("problems" in reading) throw usage(command, reading.problems.map(describeProblem).join("; "));
  const { quiet, verbose } = reading.settings;
  return {
    isQuiet: quiet === true,
    isVerbose: verbose === true,
    isColorOff: "color" in args.extra || isColorOff(),
  };
}
