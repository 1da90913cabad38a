// How rsync ended → why there is no copy. Pure.

import { dirname } from "node:path";
import type { FailureReason } from "../model/failure.ts";
import type { CopySubject } from "./copy-subject.ts";
import { lastLines } from "./last-lines.ts";

/** How a program ended, and what it complained of. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly stderr: string;
}

/** What ssh says when the host will not have us: trying again would not help. */
const notLetIn =
  /Host key verification failed|Permission denied \([a-z]|REMOTE HOST IDENTIFICATION HAS CHANGED|Too many authentication/;
const sshIsMissing = /failed to exec ssh|exec ssh: No such file/i;
/** A shell says so in its own language, rsync by the code that it ended with. */
const rsyncIsMissing =
  /remote command not found \(code 127\)|rsync: (?:command )?not found|exec: rsync: not found|rsync: No such file/i;
const noSpace = /No space left on device \(28\)|Disk quota exceeded \(122\)/;
const unreadable =
  /(?:\[sender\]|send_files failed to open|link_stat|change_dir).*\((?:2|13)\)|file has vanished/;
const localTrouble = /\[(?:receiver|Receiver|generator)\].*failed|mkstemp .* failed|rename .* failed/;

/** Ends in which the link, and not what went over it, is to blame: a program was cut off, or nothing came for long. */
const linkCodes = [10, 12, 30, 35, 255];

/** What had come over a link that broke, as far as rsync tells it. */
export function sentBeforeTheEnd({ stderr }: ProgramEnd): number {
  return Number(/connection unexpectedly closed \((\d+) bytes received so far\)/.exec(stderr)?.[1] ?? 0);
}

/** The reason for an rsync that did not end well. */
export function rsyncFailure({ code, stderr }: ProgramEnd, subject: CopySubject): FailureReason {
  const { host, vm, target, path } = subject;
  const detail = lastLines(stderr);
  const store = dirname(subject.destination);
  const failed: FailureReason = { kind: "copy-failed", vm, target, path, code, detail };
  if (code === 14 && sshIsMissing.test(stderr))
    return { kind: "tool-missing", where: "this machine", tool: "ssh" };
  if (rsyncIsMissing.test(stderr)) return { kind: "tool-missing", where: host.name, tool: "rsync" };
  if (noSpace.test(stderr))
    return { kind: "store-full", store, neededBytes: subject.bytes, freeBytes: undefined };
  if (notLetIn.test(stderr)) return failed;
  if (localTrouble.test(stderr)) return { kind: "store-not-writable", store, detail };
  if (unreadable.test(stderr)) return { kind: "copy-unreadable", vm, path, detail };
  if (code !== null && linkCodes.includes(code)) return { kind: "connection-lost", host: host.name, detail };
  return failed;
}
