// `virtfold recover`: composes the parts and runs them.

import { isColorOff } from "../config/load.ts";
import { toolVersion } from "../config/tool.ts";
import { recoverHosts } from "../fleet/recover-hosts.ts";
import { listenForStop } from "../fleet/stop.ts";
import type { RecoveryEvent } from "../model/recovery.ts";
import { recoverFailedLine, recoverFinishedLine, recoverJsonLine } from "../report/recover-json.ts";
import { recoveryLine } from "../report/recovery-lines.ts";
import { emptyRecovery, recoveryStatus } from "../report/recovery-status.ts";
import { recoverySummary } from "../report/recovery-summary.ts";
import { readArguments } from "./arguments.ts";
import { lineWriter } from "./console.ts";
import { errorExitCode } from "./error-exit-code.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { recoverExitCode } from "./recover-exit-code.ts";
import { readRecoverRequest, recoverShape } from "./recover-request.ts";

/** Puts right what dead runs left; prints what was found and what became of it; gives the exit code. */
export async function recoverCommand(argv: readonly string[]): Promise<ExitCode> {
  const args = readArguments(recoverShape, toolVersion, argv);
  if (args.kind === "end") return args.exitCode;
  const startedAt = new Date();
  const request = await readRecoverRequest(args);
  const { isJson } = request;
  const print = (line: unknown): void => {
    if (isJson) console.log(JSON.stringify(line));
  };
  const write = lineWriter({
    isQuiet: request.isQuiet,
    isVerbose: request.isVerbose,
    isColorOff: "color" in args.extra || isColorOff(),
  });
  let status = emptyRecovery;
  const emit = (event: RecoveryEvent): void => {
    status = recoveryStatus(status, event);
    const at = new Date();
    print(recoverJsonLine(event, at));
    const line = recoveryLine(event);
    if (line !== undefined) write(line, at);
  };
  const printEnd = (exitCode: ExitCode): void =>
    print(recoverFinishedLine(status, { ...request, exitCode, startedAt, at: new Date() }));
  const stop = listenForStop(emit, (signal) => {
    printEnd(exitCodes.interrupted);
    leaveAtOnce(signal);
  });
  try {
    await recoverHosts(request, { emit, signal: stop.signal });
  } catch (error) {
    print(recoverFailedLine(error, new Date()));
    printEnd(errorExitCode(error));
    throw error;
  } finally {
    stop.release();
  }
  if (!isJson) console.log(recoverySummary(status, request));
  const exitCode = recoverExitCode(status, { wasStopped: stop.signal.aborted });
  printEnd(exitCode);
  // What is not waited for any more would keep the process until its host has answered, or is given up.
  if (stop.signal.aborted) process.stdout.write("", () => process.exit(exitCode));
  return exitCode;
}

/** The second signal. What a guard has begun it finishes without us. */
function leaveAtOnce(signal: string): never {
  console.error(`${signal} again: leaving at once; what hosts have begun they finish by themselves`);
  process.exit(exitCodes.interrupted);
}
