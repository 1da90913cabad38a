import { settingRules } from "../config/setting-rules.ts";
import type { SettingProblem } from "../config/settings.ts";

const otherSpellings: Readonly<Record<string, string>> = {
  overlayDirectory: "--overlay-dir",
  bandwidthLimit: "--bwlimit",
  leaseSeconds: "--lease",
  hookTimeoutSeconds: "--hook-timeout",
};

/** What is wrong with a setting: the flag and the variable that give it, and what it means. */
export function describeProblem(problem: SettingProblem): string {
  const flag = `--${problem.name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const spelling = otherSpellings[problem.name] ?? flag;
  if (problem.text === undefined)
    return `${spelling} (or ${problem.variable}) is missing: ${problem.meaning}`;
  const given = settingRules[problem.name].isSecret === true ? "what it is" : JSON.stringify(problem.text);
  return `${spelling} (or ${problem.variable}) cannot be ${given}: ${problem.meaning}`;
}
