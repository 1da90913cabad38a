// The shell text that sends a device's or a file's bytes. Pure.

import { quoteArgument } from "../shell/command.ts";

/** What a stream can begin at is a multiple of this. */
export const streamBlockBytes = 1024 * 1024;

/** The code with which the host says that the path cannot be read. */
export const unreadableCode = 66;

/**
 * A script for `hostCommandLine` that prints the marker on a line of its own, then the bytes of what the path names from
 * that one on (a multiple of `streamBlockBytes`), and nothing else.
 */
export function streamScript(path: string, marker: string, fromBytes = 0): string {
  if (fromBytes % streamBlockBytes !== 0) throw new RangeError(`Cannot begin at byte ${fromBytes}`);
  const quoted = quoteArgument(path);
  const refuse = (complaint: string): string => `{ echo '${complaint}' >&2; exit ${unreadableCode}; }`;
  return [
    "{",
    "LC_ALL=C; export LC_ALL",
    `[ -e ${quoted} ] || ${refuse("No such file or directory")}`,
    `[ ! -d ${quoted} ] || ${refuse("It is a directory")}`,
    `[ -r ${quoted} ] || ${refuse("Permission denied")}`,
    `printf '\\n%s\\n' ${marker}`,
    fromBytes === 0
      ? `exec cat <${quoted}`
      : // It seeks where it can. What it prints of its work is no complaint.
        `exec dd bs=${streamBlockBytes} skip=${fromBytes / streamBlockBytes} <${quoted} 2>/dev/null`,
    "}",
    "",
  ].join("\n");
}
