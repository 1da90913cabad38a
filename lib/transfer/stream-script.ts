// The shell text that sends a device's or a file's bytes. Pure.

import { quoteArgument } from "../shell/command.ts";

/** The code with which the host says that the path cannot be read. */
export const unreadableCode = 66;

/**
 * A script for `hostCommandLine` that prints the marker on a line of its own, then the bytes of what the path names,
 * and nothing else.
 */
export function streamScript(path: string, marker: string): string {
  const quoted = quoteArgument(path);
  const refuse = (complaint: string): string => `{ echo '${complaint}' >&2; exit ${unreadableCode}; }`;
  return [
    "{",
    "LC_ALL=C; export LC_ALL",
    `[ -e ${quoted} ] || ${refuse("No such file or directory")}`,
    `[ ! -d ${quoted} ] || ${refuse("It is a directory")}`,
    `[ -r ${quoted} ] || ${refuse("Permission denied")}`,
    `printf '\\n%s\\n' ${marker}`,
    `exec cat <${quoted}`,
    "}",
    "",
  ].join("\n");
}
