// Runs one command to its exit code. The only place that ends the process or says what a bug looks like.

import { BackupError } from "../model/failure.ts";
import { describeFailure } from "../report/describe-failure.ts";
import { errorExitCode } from "./error-exit-code.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { outliveReaders } from "./outlive-readers.ts";
import { toolVersion } from "../config/tool.ts";

/** A command: takes its arguments (without program and script), gives its exit code. */
export type CliCommand = (argv: readonly string[]) => Promise<ExitCode>;

/** Runs the command on this process's arguments and sets the process's exit code. */
export async function runCommand(command: CliCommand): Promise<void> {
  outliveReaders([process.stdout, process.stderr]);
  process.exitCode = await exitCodeOf(() => command(process.argv.slice(2)));
}

async function exitCodeOf(work: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BackupError) {
      console.error(`ERROR: ${describeFailure(error.reason)}`);
      return errorExitCode(error);
    }
    console.error(`This is a bug in virtfold ${toolVersion}. Please report it with the lines below.`);
    console.error(error instanceof Error ? (error.stack ?? error.message) : error);
    return exitCodes.bug;
  }
}
