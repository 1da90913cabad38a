// What rsync, and the ssh under it, say on their error output, whichever way the bytes went. Pure.

/** What ssh says when the host will not have us: trying again would not help. */
export const notLetIn =
  /Host key verification failed|Permission denied \([a-z]|REMOTE HOST IDENTIFICATION HAS CHANGED|Too many authentication/;

/** A shell says so in its own language, rsync by the code that it ended with. */
export const rsyncIsMissing =
  /remote command not found \(code 127\)|rsync: (?:command )?not found|exec: rsync: not found|rsync: No such file/i;

/** A file system that takes no more. */
export const noSpace = /No space left on device \(28\)|Disk quota exceeded \(122\)/;

/** Whether the link, and not what went over it, is to blame: a program was cut off, or nothing came for long. */
export function isLinkCode(code: number | null): boolean {
  return code !== null && [10, 12, 30, 35, 255].includes(code);
}

/**
 * The complaints that are not about the pipe to the other end. rsync's two ends greet each other with safe_read and
 * safe_write (its io.c), which say `failed` as it does of a file, when ssh was gone before the greeting.
 */
export function withoutThePipe(stderr: string): string {
  return stderr
    .split("\n")
    .filter((line) => !/\bsafe_(?:read|write)(?: poll)? failed\b/.test(line))
    .join("\n");
}
