// What ended a command → its exit code. Pure.

import { BackupError } from "../model/failure.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";

const configurationKinds: readonly string[] = [
  "usage",
  "inventory-bad",
  "store-missing",
  "store-not-writable",
  "ssh-configuration",
  "tool-missing",
];

/** The exit code of a command that this was thrown out of. */
export function errorExitCode(error: unknown): ExitCode {
  if (!(error instanceof BackupError)) return exitCodes.bug;
  const { kind } = error.reason;
  if (kind === "interrupted") return exitCodes.interrupted;
  if (kind === "store-held") return exitCodes.locked;
  return configurationKinds.includes(kind) ? exitCodes.usage : exitCodes.someFailed;
}
