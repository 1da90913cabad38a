// A command line that cannot be carried out.

import { BackupError } from "../model/failure.ts";

/** The error for a command line of `virtfold <command>` that cannot be carried out. */
export function usage(command: string, detail: string): BackupError {
  return new BackupError({ kind: "usage", detail, hint: `Run "virtfold ${command} --help" for all flags` });
}
