// `virtfold backup`: composes the parts and runs them.

import { isColorOff } from "../config/load.ts";
import { toolVersion } from "../config/tool.ts";
import { listenForStop } from "../fleet/stop.ts";
import { describeLeaving } from "../report/describe-leaving.ts";
import { runFailedEvent } from "../report/json-event.ts";
import { summary } from "../report/summary.ts";
import { readArguments } from "./arguments.ts";
import { backupShape, readBackupRequest } from "./backup-request.ts";
import { openConsole } from "./console.ts";
import { errorExitCode } from "./error-exit-code.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { recordedRun } from "./recorded-run.ts";
import { showPlan } from "./show-plan.ts";

/** Backs up what the command line names; prints a summary; gives the exit code. */
export async function backupCommand(argv: readonly string[]): Promise<ExitCode> {
  const args = readArguments(backupShape, toolVersion, argv);
  if (args.kind === "end") return args.exitCode;
  if ("dryRun" in args.extra) return await showPlan("backup", args);
  const request = await readBackupRequest(args);
  const screen = openConsole({
    isQuiet: request.settings.quiet,
    isVerbose: request.settings.verbose,
    isColorOff: "color" in args.extra || isColorOff(),
    isJson: request.settings.json,
  });
  const run = recordedRun(request, (event) => {
    screen.show(event);
  });
  const stop = listenForStop(run.emit, (signal) => {
    screen.stop();
    screen.print(run.result(exitCodes.interrupted));
    leaveAtOnce(describeLeaving(signal, run.status(), request.settings));
  });
  let end: ExitCode | "nothing-failed";
  try {
    end = await run.carryOut(stop.signal);
  } catch (error) {
    screen.print(runFailedEvent(error, new Date()));
    screen.print(run.result(errorExitCode(error), error));
    throw error;
  } finally {
    stop.release();
    screen.stop();
  }
  const exitCode = end === "nothing-failed" ? exitCodes.ok : end;
  screen.print(run.result(exitCode));
  if (!request.settings.json)
    console.log(
      end === "nothing-failed" ? "Nothing to do: nothing failed in the last run" : summary(run.status()),
    );
  return exitCode;
}

/** The second signal. Whatever is on hosts now is in their journals. */
function leaveAtOnce(lines: readonly string[]): never {
  for (const line of lines) console.error(line);
  process.exit(exitCodes.interrupted);
}
