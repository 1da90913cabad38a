// Whether it was rsync that was missing, and not the link that broke.

import { BackupError } from "../model/failure.ts";
import type { Command } from "../shell/command.ts";
import type { ProgramEnd } from "./rsync-outcome.ts";
import { runProgram } from "./run-program.ts";
import type { TransferLink } from "./transfer-link.ts";

/** What an rsync ends with whose other end is silent: it broke off, or never was there. */
const silentEndCode = 12;

/**
 * Whether an rsync that did not end well found no rsync at the other end. Our end tells so by itself only when ssh is
 * gone before it looks for it, and else calls it a broken link (measured: seldom, and on a busy machine), so that the
 * host is asked, in the way in which rsync starts its other end there. False when it cannot be asked.
 */
export async function lacksRsync(
  { code }: ProgramEnd,
  { farEnd, environment }: TransferLink,
  signal: AbortSignal,
): Promise<boolean> {
  if (code !== silentEndCode || signal.aborted) return false;
  const { rsyncShell, destination, rsyncPath = "rsync" } = farEnd;
  const command: Command = [...rsyncShell, destination, ...rsyncPath.split(" "), "--version"];
  const program = runProgram(command, { environment, signal });
  program.stdout.resume();
  const asked = await program.end;
  return asked.code === 127 || (asked.code === 1 && /^sudo: rsync: /m.test(asked.stderr));
}

/** Why there is no copy then. */
export function rsyncMissingError({ host }: TransferLink): BackupError {
  return new BackupError({ kind: "tool-missing", where: host.name, tool: "rsync" });
}
