// A command as data, and the one place that turns it into text for a POSIX shell.
// Nothing here runs anything.

/** A program and its arguments, each exactly as the program shall see it. */
export type Command = readonly [program: string, ...args: string[]];

/**
 * Quotes one argument for any POSIX shell (dash, busybox ash, bash).
 *
 * zx's own quoting emits bash's $'…', which dash does not understand; shell-escape (inside node-ssh)
 * drops empty arguments. So this is ours.
 *
 * @throws TypeError when the text holds a NUL, which no argument can carry.
 */
export function quoteArgument(text: string): string {
  if (text.includes("\0")) throw new TypeError("Cannot quote an argument that holds a NUL byte");
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The command as one line of POSIX shell text. */
export function toShell(command: Command): string {
  return command.map(quoteArgument).join(" ");
}
