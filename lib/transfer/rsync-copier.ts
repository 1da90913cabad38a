// Brings one file over with rsync.

import type { LinkBreak } from "../backup/ports.ts";
import { BackupError } from "../model/failure.ts";
import { interruption } from "../shell/interruption.ts";
import { pullCommand } from "./copy-command.ts";
import type { CopySubject } from "./copy-subject.ts";
import { lacksRsync, rsyncMissingError } from "./lacks-rsync.ts";
import { lastLines } from "./last-lines.ts";
import { rsyncFailure, sentBeforeTheEnd } from "./rsync-outcome.ts";
import { readRsyncOutput } from "./rsync-progress.ts";
import { runProgram } from "./run-program.ts";
import { settleCopy } from "./settle-copy.ts";
import { storeFailure } from "./store-failure.ts";
import type { TransferLink } from "./transfer-link.ts";

/** How a copy is followed and ended. */
export interface CopyOptions {
  readonly signal: AbortSignal;
  readonly onBytes?: ((bytes: number) => void) | undefined;
  /** Told when the link broke and the copy is to go on in a while. */
  readonly onBreak?: ((broken: LinkBreak) => void) | undefined;
  /** Told at the end of each attempt what came over the link in it; less of one that broke may be known than came. */
  readonly onSent?: ((bytes: number) => void) | undefined;
}

/**
 * Copies a file and looks at what arrived: rsync also succeeds when it skipped the file. What an earlier call has left in
 * rsync's partial folder is not sent again.
 * @throws BackupError `copy-failed`, `copy-unreadable`, `store-full`, `store-not-writable`, `connection-lost`,
 * `interrupted`, `tool-missing`.
 */
export async function copyWithRsync(
  subject: CopySubject,
  link: TransferLink,
  options: CopyOptions,
): Promise<void> {
  if (options.signal.aborted) throw interruption(options.signal);
  const command = pullCommand(subject, link);
  const program = runProgram(command, { environment: link.environment, signal: options.signal });
  const output = readRsyncOutput(options.onBytes ?? (() => undefined));
  program.stdout.setEncoding("utf8").on("data", (chunk: string) => output.push(chunk));
  const end = await program.end;
  options.onSent?.(output.sentBytes() ?? sentBeforeTheEnd(end));
  if (await lacksRsync(end, link, options.signal)) throw rsyncMissingError(link);
  if (options.signal.aborted) throw interruption(options.signal);
  if (end.code !== 0) throw new BackupError(rsyncFailure(end, subject));
  const flaw = await settleCopy(subject).catch((error: unknown) => {
    const reason = storeFailure(error, subject);
    throw reason === undefined ? error : new BackupError(reason, { cause: error });
  });
  if (flaw === undefined) return;
  const detail = lastLines([flaw, output.remarks(), end.stderr].join("\n"));
  const { vm, target, path } = subject;
  throw new BackupError({ kind: "copy-failed", vm, target, path, code: end.code, detail });
}
