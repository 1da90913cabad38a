// Copies on when the link broke and is there again: a host's lease may well outlast a short cut.

import { setTimeout as sleep } from "node:timers/promises";
import { BackupError } from "../model/failure.ts";
import { interruption } from "../shell/interruption.ts";
import type { CopyOptions } from "./rsync-copier.ts";

/** The pauses before the next attempts, in seconds; when no new byte came in any of them, the link is given up. */
export const usualPauses: readonly number[] = [1, 2, 4, 8, 16];
/** So often one file is taken up again at all: a link that brings a little each time is of no use. */
const mostBreaks = 100;

/**
 * Runs an attempt, and again while all that is wrong is the link. Each attempt goes on where the one before it ended.
 * @throws what the last attempt threw; `interrupted`, or why the lease ended, when the signal says so meanwhile.
 */
export async function copyPersistently(
  attempt: (options: CopyOptions) => Promise<void>,
  options: CopyOptions & { readonly pauses: readonly number[] },
): Promise<void> {
  let mostBytes = 0;
  let fruitless = 0;
  const onBytes = (bytes: number): void => {
    if (bytes > mostBytes) [mostBytes, fruitless] = [bytes, 0];
    // rsync begins to count anew, and soon has found what is there.
    options.onBytes?.(mostBytes);
  };
  for (let breaks = 0; ; breaks++) {
    try {
      await attempt({ ...options, onBytes });
      return;
    } catch (error) {
      const pauseSeconds = breaks < mostBreaks ? options.pauses[fruitless++] : undefined;
      if (!(error instanceof BackupError) || error.reason.kind !== "connection-lost") throw error;
      if (pauseSeconds === undefined || options.signal.aborted) throw error;
      options.onBreak?.({ detail: error.reason.detail, pauseSeconds });
      await sleep(pauseSeconds * 1000, undefined, { signal: options.signal }).catch(() => undefined);
      if (options.signal.aborted) throw interruption(options.signal);
    }
  }
}
