// A command line that cannot be carried out.

import { BackupError } from "../model/failure.ts";
import { commandLine } from "../report/command-line.ts";

/** The error for a command line of `virtfold <command>` that cannot be carried out. */
export function usage(command: string, detail: string): BackupError {
  return new BackupError({ kind: "usage", detail, hint: helpHint(command) });
}

/** Where all flags are told. */
export function helpHint(command: string): string {
  return `For all flags run: ${commandLine(command)} --help`;
}
