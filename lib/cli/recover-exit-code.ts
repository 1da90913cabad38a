// What a recovery came to → its exit code. Pure.

import { isForPerson, needsPerson, type RecoveryStatus } from "../report/recovery-status.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";

/** The exit code; the higher need wins: what needs a person, over an end by a signal, over hosts that were not asked. */
export function recoverExitCode(
  { items, folders, failedHosts, failedVms }: RecoveryStatus,
  { wasStopped }: { readonly wasStopped: boolean },
): ExitCode {
  if (items.some(needsPerson) || folders.some(isForPerson)) return exitCodes.hostNeedsPerson;
  if (wasStopped) return exitCodes.interrupted;
  return failedHosts.length + failedVms.length > 0 ? exitCodes.someFailed : exitCodes.ok;
}
