// What went wrong, as plain data with its sentence.

import type { Degradation } from "../model/event.ts";
import { BackupError, type FailureReason } from "../model/failure.ts";
import type { PlanWarning, SkippedDisk } from "../model/plan.ts";
import { describeFailure } from "./describe-failure.ts";
import { describeDegradation, describeSkip, describeWarning } from "./describe-warning.ts";
import type { Problem } from "./run-result-schema.ts";
import { harmless } from "./wording.ts";

/** A failure's facts and its sentence. */
export function plainFailure(reason: FailureReason): Problem {
  return { ...reason, sentence: describeFailure(reason) };
}

/** Whatever was thrown: an expected failure, or a bug with its stack. */
export function plainError(error: unknown): Problem {
  if (error instanceof BackupError) return plainFailure(error.reason);
  const message = harmless(error instanceof Error ? error.message : String(error), 2000);
  const stack = error instanceof Error ? error.stack?.slice(0, 8000) : undefined;
  return { kind: "bug", sentence: `This is a bug in virtfold: ${message}`, ...(stack && { stack }) };
}

/** Something missing from a backup. */
export function plainDegradation(degradation: Degradation): Problem {
  return { ...degradation, sentence: describeDegradation(degradation) };
}

/** Something to know about a backup. */
export function plainWarning(warning: PlanWarning): Problem {
  return { ...warning, sentence: describeWarning(warning) };
}

/** A disk that is left out. */
export function plainSkip(disk: SkippedDisk): Problem {
  return { kind: "disk-skipped", ...disk, sentence: describeSkip(disk) };
}
