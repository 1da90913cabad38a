// Writes one file onto a block device of a host, which no rsync does everywhere.

import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { BackupError } from "../model/failure.ts";
import type { FailureReason } from "../model/failure.ts";
import type { DevicePush } from "../restore/ports.ts";
import { toShell } from "../shell/command.ts";
import { interruption } from "../shell/interruption.ts";
import { afterMarker } from "./after-marker.ts";
import { streamCommand } from "./copy-command.ts";
import { copyPersistently } from "./copy-persistently.ts";
import { deviceBlockBytes, deviceBlocks } from "./device-blocks.ts";
import { lastLines } from "./last-lines.ts";
import { paceStream } from "./pace-stream.ts";
import type { CopyOptions } from "./rsync-copier.ts";
import type { ProgramEnd } from "./rsync-outcome.ts";
import { runProgram, type RunningProgram } from "./run-program.ts";
import type { TransferLink } from "./transfer-link.ts";

/**
 * Goes on, when the link broke, behind the last block that the host has said to be written: what was on its way may have
 * arrived or not.
 * @throws BackupError `device-failed`, `guard-failed`, `connection-lost`, `interrupted`.
 */
export async function pushToDevice(
  push: DevicePush,
  link: TransferLink,
  options: CopyOptions,
): Promise<void> {
  // No link is followed on this machine.
  const file = await open(push.localPath, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    let written = 0;
    const onWritten = (bytes: number): void => void (written = bytes);
    const writeOn = async (attempt: CopyOptions): Promise<void> => {
      const fromBytes = written - (written % deviceBlockBytes);
      await write(push, { file, link, fromBytes, onWritten, options: attempt });
    };
    await copyPersistently(writeOn, { ...options, pauses: link.pauses });
  } finally {
    await file.close();
  }
}

interface Means {
  readonly file: FileHandle;
  readonly link: TransferLink;
  readonly options: CopyOptions;
  /** Where to begin; what lies before it is written. */
  readonly fromBytes: number;
  readonly onWritten: (bytes: number) => void;
}

async function write(push: DevicePush, means: Means): Promise<void> {
  const { link, options } = means;
  if (options.signal.aborted) throw interruption(options.signal);
  const marker = randomBytes(16).toString("hex");
  const program = runProgram(streamCommand(link), {
    ...{ environment: link.environment, signal: options.signal, keepsInput: true },
    // A shell may have read ahead: nothing but this is sent before the marker is there, and it has become the writer.
    input: `{\nexec ${toShell(push.writer(marker))}\n}\n`,
  });
  let written: number | undefined;
  let feeding: Promise<Error | undefined> = Promise.resolve(undefined);
  try {
    for await (const chunk of writtenBytes(afterMarker(program.stdout, marker))) {
      if (written === undefined) {
        push.onOpen();
        feeding = feed(program, push, means);
      }
      written = chunk;
      if (chunk > 0) means.onWritten(chunk);
      if (chunk > 0) options.onBytes?.(chunk);
    }
  } catch (error) {
    // Who is stopped may break off instead of ending.
    throw options.signal.aborted ? interruption(options.signal) : error;
  } finally {
    program.stdin.destroy();
  }
  const trouble = await feeding;
  const end = await program.end;
  if (options.signal.aborted) throw interruption(options.signal);
  if (trouble !== undefined) throw trouble;
  const isWhole = written === push.bytes || means.fromBytes >= push.bytes;
  if (end.code === 0 && isWhole) return;
  const stderr = end.code === 0 ? `${written ?? 0} of ${push.bytes} bytes` : end.stderr;
  throw new BackupError(deviceFailure({ code: end.code, stderr }, push, link));
}

/** 0 as soon as the marker is there, then how much is written by now. */
async function* writtenBytes(source: AsyncIterable<Buffer>): AsyncGenerator<number> {
  let rest: string | undefined;
  for await (const chunk of source) {
    if (rest === undefined) yield 0;
    const lines: string[] = ((rest ?? "") + chunk.toString("latin1")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const [, bytes] = /^wrote (\d{1,15})$/.exec(line) ?? [];
      if (bytes !== undefined) yield Number(bytes);
    }
  }
}

/**
 * Sends what is to be written, and ends the stream; returns why it could not be read. When nobody takes it any more, why is
 * told by how the program ends.
 */
async function feed(
  program: RunningProgram,
  { bytes }: DevicePush,
  { file, link, fromBytes, options }: Means,
): Promise<Error | undefined> {
  const { stdin } = program;
  const pace = { bytesPerSecond: link.bytesPerSecond, signal: options.signal };
  try {
    for await (const chunk of paceStream(deviceBlocks(file, { fromBytes, bytes }), pace)) {
      const isTaken = await new Promise<boolean>((resolve) => stdin.write(chunk, (error) => resolve(!error)));
      if (!isTaken) return undefined;
    }
    stdin.end();
    return undefined;
  } catch (error) {
    program.stop();
    return error instanceof Error ? error : new Error(String(error));
  }
}

const linkCode = 255;
const notLetIn =
  /Host key verification failed|Permission denied \([a-z]|REMOTE HOST IDENTIFICATION HAS CHANGED|Too many authentication/;

function deviceFailure(
  { code, stderr }: ProgramEnd,
  { devicePath: path }: DevicePush,
  { host }: TransferLink,
): FailureReason {
  const detail = lastLines(stderr);
  if (code === linkCode && !notLetIn.test(stderr))
    return { kind: "connection-lost", host: host.name, detail };
  return { kind: "device-failed", host: host.name, path, code, detail };
}
