// Brings the bytes of a block device over, for which rsync has no portable way; and files where rsync is missing.

import { randomBytes } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { open, rm } from "node:fs/promises";
import { BackupError } from "../model/failure.ts";
import type { FailureReason } from "../model/failure.ts";
import { interruption } from "../shell/interruption.ts";
import { afterMarker } from "./after-marker.ts";
import { streamCommand } from "./copy-command.ts";
import { copyPersistently } from "./copy-persistently.ts";
import type { CopySubject } from "./copy-subject.ts";
import { lastLines } from "./last-lines.ts";
import type { CopyOptions } from "./rsync-copier.ts";
import type { ProgramEnd } from "./rsync-outcome.ts";
import { paceStream } from "./pace-stream.ts";
import { rsyncFailure } from "./rsync-outcome.ts";
import { runProgram } from "./run-program.ts";
import { settleCopy } from "./settle-copy.ts";
import { storeFailure } from "./store-failure.ts";
import { streamBlockBytes, streamScript, unreadableCode } from "./stream-script.ts";
import type { TransferLink } from "./transfer-link.ts";
import { writeSparse } from "./write-sparse.ts";

/**
 * Copies what a path names, holes where it has zeros.
 * @throws BackupError as `copyWithRsync` does.
 */
export async function copyAsStream(
  subject: CopySubject,
  link: TransferLink,
  options: CopyOptions,
): Promise<void> {
  if (options.signal.aborted) throw interruption(options.signal);
  try {
    await rm(subject.destination, { force: true });
    const file = await open(subject.destination, "wx", 0o600);
    try {
      let arrived = 0;
      const fillOn = async (attempt: CopyOptions): Promise<void> => {
        // The last block may not be whole.
        const fromBytes = arrived - (arrived % streamBlockBytes);
        const onArrived = (bytes: number): void => void (arrived = bytes);
        await fill(file, subject, { link, fromBytes, onArrived, options: attempt });
      };
      await copyPersistently(fillOn, { ...options, pauses: link.pauses });
    } finally {
      await file.close();
    }
    const flaw = await settleCopy(subject);
    if (flaw !== undefined) throw new BackupError(copyFailed(subject, { code: 0, stderr: flaw }));
  } catch (error) {
    const reason = storeFailure(error, subject);
    throw reason === undefined ? error : new BackupError(reason, { cause: error });
  }
}

interface Means {
  readonly link: TransferLink;
  readonly options: CopyOptions;
  /** Where to begin; what lies before it has arrived. */
  readonly fromBytes: number;
  readonly onArrived: (bytes: number) => void;
}

async function fill(file: FileHandle, subject: CopySubject, means: Means): Promise<void> {
  const { link, options, fromBytes, onArrived } = means;
  const { environment } = link;
  const marker = randomBytes(16).toString("hex");
  const program = runProgram(streamCommand(link), {
    environment,
    signal: options.signal,
    input: streamScript(subject.path, marker, fromBytes),
  });
  const limitBytes = subject.bytes ?? Number.MAX_SAFE_INTEGER;
  const onBytes = options.onBytes ?? (() => undefined);
  let came: number | undefined;
  let end: ProgramEnd;
  try {
    const source = paceStream(afterMarker(program.stdout, marker), {
      ...{ bytesPerSecond: link.bytesPerSecond, signal: options.signal },
    });
    came = await writeSparse(source, file, {
      ...{ fromBytes, limitBytes, onBytes },
    });
    onArrived(came);
  } catch (error) {
    // Who is stopped may break off instead of ending.
    throw options.signal.aborted ? interruption(options.signal) : error;
  } finally {
    if (came !== undefined) options.onSent?.(came - fromBytes);
    program.stdout.destroy();
    // Too much came, or it could not be written: nobody reads any more.
    if (came === undefined || came > limitBytes) program.stop();
    end = await program.end;
  }
  if (options.signal.aborted) throw interruption(options.signal);
  if (came > limitBytes) {
    throw new BackupError(copyFailed(subject, { code: null, stderr: `more than ${limitBytes} bytes came` }));
  }
  if (end.code !== 0) throw new BackupError(streamFailure(end, subject));
}

function streamFailure(end: ProgramEnd, subject: CopySubject): FailureReason {
  const { vm, path } = subject;
  if (end.code === unreadableCode)
    return { kind: "copy-unreadable", vm, path, detail: lastLines(end.stderr) };
  // The host's own complaints are not about our store; only ssh's code is looked at.
  return end.code === 255 ? rsyncFailure(end, subject) : copyFailed(subject, end);
}

function copyFailed({ vm, target, path }: CopySubject, { code, stderr }: ProgramEnd): FailureReason {
  return { kind: "copy-failed", vm, target, path, code, detail: lastLines(stderr) };
}
