// The text that runs on a host. Pure: composes, runs nothing.
//
// sshd gives a command to the login shell, which may be dash, bash, csh or fish and may print what it likes first.
// So that shell only ever sees `hostCommandLine`; everything else travels on standard input to a POSIX sh.

import type { Command } from "./command.ts";
import { quoteArgument, toShell } from "./command.ts";

/**
 * The only command line that a login shell gets to see. With sudo the shell that reads the script is root's: what a
 * sudoers file has to allow is just this and rsync's sending end (docs/sudo.md).
 */
export function hostCommandLine({ sudo = false }: { readonly sudo?: boolean }): string {
  return sudo ? "exec sudo -n sh -s" : "exec sh -s";
}

/** What sets one script's answers apart from everything else that arrives. */
export interface ScriptFrame {
  /** Random for each script, so that nothing a VM or a host prints can pass for it. */
  readonly marker: string;
  readonly deadlineSeconds: number;
}

/** The word after the marker once the host is about to run what it was given. */
export const readyWord = "ready";
/** The word after the marker when everything has run. */
export const endWord = "end";
/** The words after the marker on a host without `timeout`. */
export const missingTimeoutWord = "missing timeout";

/** What would make a tool on the host behave other than on the next host. */
const unwantedVariables = [
  "LANGUAGE LIBVIRT_DEFAULT_URI VIRSH_DEFAULT_CONNECT_URI LIBVIRT_DEBUG LIBVIRT_LOG_FILTERS LIBVIRT_LOG_OUTPUTS",
  "VIRSH_DEBUG VIRSH_LOG_FILE RSYNC_RSH RSYNC_PROTECT_ARGS RSYNC_OLD_ARGS RSYNC_PARTIAL_DIR RSYNC_PROXY",
  "POSIXLY_CORRECT BASH_ENV ENV CDPATH GREP_OPTIONS BLOCK_SIZE BLOCKSIZE DF_BLOCK_SIZE DU_BLOCK_SIZE",
].join(" ");

/** A script that runs each command, one after the other, and says how each ended. */
export function commandsScript(commands: readonly Command[], frame: ScriptFrame): string {
  const runs = commands.map((command) => `${withDeadline(frame)} ${toShell(command)} </dev/null; answer $?`);
  return wholeScript(frame, [`answer ${readyWord}`, ...runs]);
}

/**
 * A script that runs other shell text with these arguments. Neither text nor arguments are ever in an argv, so
 * they may be long, and are not to be seen in the host's process list.
 */
export function textScript(text: string, argv: readonly string[], frame: ScriptFrame): string {
  if (text.includes("\0")) throw new TypeError("Cannot send shell text that holds a NUL byte");
  return wholeScript(frame, [
    // The closing of 3 stands before the text, but is run after `cat` has read it all.
    `${withDeadline(frame)} sh -c 'eval "exec 3<&-\n$(cat <&3)"' virtfold </dev/null 3<<'${frame.marker}'`,
    answerLine(frame, readyWord),
    `set -- ${argv.map(quoteArgument).join(" ")}`,
    text,
    frame.marker,
    "answer $?",
  ]);
}

/**
 * Braces around everything: a shell runs nothing of them before it has read the last one, so a link that breaks
 * while the script is on its way cannot leave half a command that runs.
 */
function wholeScript(frame: ScriptFrame, lines: readonly string[]): string {
  return [
    "{",
    "LC_ALL=C; export LC_ALL",
    'PATH="${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"; export PATH',
    `unset ${unwantedVariables}`,
    `answer() { ${answerLine(frame, '"$1"')}; }`,
    `command -v timeout >/dev/null 2>&1 || { answer '${missingTimeoutWord}'; exit 0; }`,
    ...lines,
    `answer ${endWord}`,
    "exit 0",
    "}",
    "",
  ].join("\n");
}

function answerLine(frame: ScriptFrame, word: string): string {
  const print = `printf '\\n%s %s\\n' ${frame.marker} ${word}`;
  return `${print}; ${print} >&2`;
}

function withDeadline(frame: ScriptFrame): string {
  return `timeout -k 5 ${frame.deadlineSeconds}`;
}
