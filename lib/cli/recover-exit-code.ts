// What a recovery came to → its exit code. Pure.

import { isForPerson, needsPerson, type RecoveryStatus } from "../report/recovery-status.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";

/** The exit code; the higher need wins: what needs a person, over an end by a signal, over hosts and a store that were not looked through. */
export function recoverExitCode(
  { items, folders, failedHosts, failedVms, storeFailure }: RecoveryStatus,
  { wasStopped }: { readonly wasStopped: boolean },
): ExitCode {
  if (items.some(needsPerson) || folders.some(isForPerson)) return exitCodes.hostNeedsPerson;
  if (wasStopped) return exitCodes.interrupted;
  const hasFailed = failedHosts.length + failedVms.length > 0 || storeFailure !== undefined;
  return hasFailed ? exitCodes.someFailed : exitCodes.ok;
}
