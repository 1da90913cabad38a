// Brings one file to a host with rsync.

import { BackupError } from "../model/failure.ts";
import type { FailureReason } from "../model/failure.ts";
import { interruption } from "../shell/interruption.ts";
import { lacksRsync, rsyncMissingError } from "./lacks-rsync.ts";
import { lastLines } from "./last-lines.ts";
import { pushCommand } from "./push-command.ts";
import type { CopyOptions } from "./rsync-copier.ts";
import { isLinkCode, noSpace, notLetIn, rsyncIsMissing, withoutThePipe } from "./rsync-complaints.ts";
import type { ProgramEnd } from "./rsync-outcome.ts";
import { readRsyncOutput } from "./rsync-progress.ts";
import { runProgram } from "./run-program.ts";
import type { TransferLink } from "./transfer-link.ts";

/** Where a file is, and where it goes. */
export interface PushSubject {
  readonly localPath: string;
  readonly hostPath: string;
}

/**
 * Copies a file to the host. What an earlier call has left there is not sent again.
 * @throws BackupError `push-failed`, `host-full`, `connection-lost`, `interrupted`, `tool-missing`.
 */
export async function pushWithRsync(
  subject: PushSubject,
  link: TransferLink,
  options: CopyOptions,
): Promise<void> {
  if (options.signal.aborted) throw interruption(options.signal);
  const program = runProgram(pushCommand(subject, link), {
    environment: link.environment,
    signal: options.signal,
  });
  const output = readRsyncOutput(options.onBytes ?? (() => undefined));
  program.stdout.setEncoding("utf8").on("data", (chunk: string) => output.push(chunk));
  const end = await program.end;
  if (await lacksRsync(end, link, options.signal)) throw rsyncMissingError(link);
  if (options.signal.aborted) throw interruption(options.signal);
  if (end.code !== 0) throw new BackupError(pushFailure(end, subject, link));
}

const trouble = /\[sender\].*(?:failed|denied)|\[(?:receiver|Receiver|generator)\].*failed/;

/** As for what comes from a host (rsync-outcome.ts), but it is the host whose disk is written to. */
function pushFailure(
  { code, stderr }: ProgramEnd,
  { hostPath: path }: PushSubject,
  { host }: TransferLink,
): FailureReason {
  const detail = lastLines(stderr);
  const failed: FailureReason = { kind: "push-failed", host: host.name, path, code, detail };
  if (rsyncIsMissing.test(stderr)) return { kind: "tool-missing", where: host.name, tool: "rsync" };
  if (noSpace.test(stderr)) return { kind: "host-full", host: host.name, path };
  if (notLetIn.test(stderr) || /^sudo: /m.test(stderr)) return failed;
  if (trouble.test(withoutThePipe(stderr))) return failed;
  if (isLinkCode(code)) return { kind: "connection-lost", host: host.name, detail };
  return failed;
}
