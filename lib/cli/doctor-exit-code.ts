// What was found → the exit code. Pure.

import type { Examination } from "../model/finding.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";

/** The exit code; the higher need wins: what needs a person, over an end by a signal, problems, and warnings. */
export function doctorExitCode({ judgements, isComplete }: Examination): ExitCode {
  if (judgements.some(({ needsPerson, severity }) => needsPerson && severity === "problem"))
    return exitCodes.hostNeedsPerson;
  if (!isComplete) return exitCodes.interrupted;
  if (judgements.some(({ severity }) => severity === "problem")) return exitCodes.someFailed;
  return judgements.some(({ severity }) => severity === "warning") ? exitCodes.degraded : exitCodes.ok;
}
