// Work that counts only as long as the host had not begun to restore itself.

import { BackupError } from "../model/failure.ts";
import type { Lease } from "./lease.ts";

/**
 * Does the work under a lease's signal. When the host had begun to restore itself, that is what is told, whatever the work
 * stumbled over. `stop` is the run's own.
 */
export async function underLease<T>(
  lease: Lease,
  stop: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await work(lease.signal);
  } catch (error) {
    if (stop.aborted) throw error;
    const end = await lease.findEnd();
    if (end === undefined || end === error) throw error;
    throw end instanceof BackupError ? new BackupError(end.reason, { cause: error }) : end;
  }
}
