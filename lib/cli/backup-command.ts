// `virtfold backup`: composes the parts and runs them.

import { inLockedStore } from "../fleet/in-locked-store.ts";
import { listenForStop } from "../fleet/stop.ts";
import { runBackups } from "../fleet/run-backups.ts";
import type { Event, TimedEvent, VmEvent } from "../model/event.ts";
import { describeLeaving } from "../report/describe-leaving.ts";
import { emptyFleet, fleetStatus } from "../report/fleet-status.ts";
import { vmLogLine } from "../report/log-lines.ts";
import { runFailedEvent } from "../report/json-event.ts";
import { runResult } from "../report/run-result.ts";
import { summary } from "../report/summary.ts";
import { isColorOff } from "../config/load.ts";
import { askedHosts } from "./asked-hosts.ts";
import { readArguments } from "./arguments.ts";
import { backupShape, readBackupRequest } from "./backup-request.ts";
import { openConsole } from "./console.ts";
import { errorExitCode } from "./error-exit-code.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { showPlan } from "./show-plan.ts";
import { runExitCode } from "./run-exit-code.ts";
import { toolVersion } from "../config/tool.ts";

/** Backs up what the command line names; prints a summary; gives the exit code. */
export async function backupCommand(argv: readonly string[]): Promise<ExitCode> {
  const args = readArguments(backupShape, toolVersion, argv);
  if (args.kind === "end") return args.exitCode;
  if ("dryRun" in args.extra) return await showPlan("backup", args);
  const request = await readBackupRequest(args);
  const screen = openConsole({
    isQuiet: "quiet" in args.extra,
    isVerbose: "verbose" in args.extra,
    isColorOff: "color" in args.extra || isColorOff(),
    isJson: request.settings.json,
  });
  const startedAt = new Date();
  let status = emptyFleet;
  const emit = (event: Event): void => {
    const timed = { ...event, at: new Date() } satisfies TimedEvent;
    status = fleetStatus(status, timed);
    screen.show(timed);
  };
  const finish = (exitCode: ExitCode, error?: unknown): void => {
    const { store } = request.settings;
    const facts = { startedAt, now: new Date(), store, asked: askedHosts(request), error };
    screen.print(runResult(status, { ...facts, exitCode }));
  };
  const stop = listenForStop(emit, (signal) => {
    screen.stop();
    finish(exitCodes.interrupted);
    leaveAtOnce(describeLeaving(signal, status, request.settings));
  });
  try {
    await inLockedStore(request.settings.store, (store) =>
      runBackups(request, store, { emit, signal: stop.signal, logText }),
    );
  } catch (error) {
    screen.print(runFailedEvent(error, new Date()));
    finish(errorExitCode(error), error);
    throw error;
  } finally {
    stop.release();
    screen.stop();
  }
  const exitCode = runExitCode(status, { wasStopped: stop.signal.aborted });
  finish(exitCode);
  if (!request.settings.json) console.log(summary(status));
  return exitCode;
}

function logText(event: VmEvent): string | undefined {
  const line = vmLogLine(event);
  return line === undefined ? undefined : `${line.level} ${line.text}`;
}

/** The second signal. Whatever is on hosts now is in their journals. */
function leaveAtOnce(lines: readonly string[]): never {
  for (const line of lines) console.error(line);
  process.exit(exitCodes.interrupted);
}
