// How rsync ended → why there is no copy. Pure.

import { dirname } from "node:path";
import type { FailureReason } from "../model/failure.ts";
import type { CopySubject } from "./copy-subject.ts";
import { lastLines } from "./last-lines.ts";
import { isLinkCode, noSpace, notLetIn, rsyncIsMissing, withoutThePipe } from "./rsync-complaints.ts";

/** How a program ended, and what it complained of. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly stderr: string;
}

const sshIsMissing = /failed to exec ssh|exec ssh: No such file/i;
const unreadable =
  /(?:\[sender\]|send_files failed to open|link_stat|change_dir).*\((?:2|13)\)|file has vanished/;
const localTrouble = /\[(?:receiver|Receiver|generator)\].*failed|mkstemp .* failed|rename .* failed/;

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
  const complaints = withoutThePipe(stderr);
  if (localTrouble.test(complaints)) return { kind: "store-not-writable", store, detail };
  if (unreadable.test(complaints)) return { kind: "copy-unreadable", vm, path, detail };
  if (isLinkCode(code)) return { kind: "connection-lost", host: host.name, detail };
  return failed;
}
