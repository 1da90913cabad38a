// One run of `backup` with all that is told of it: events, the report in the store, the result.

import { inLockedStore } from "../fleet/in-locked-store.ts";
import { runBackups } from "../fleet/run-backups.ts";
import { BackupError } from "../model/failure.ts";
import type { Emit, Event, TimedEvent, VmEvent } from "../model/event.ts";
import { describeFailure } from "../report/describe-failure.ts";
import { followEvents, statusOfVm, type FleetStatus } from "../report/fleet-status.ts";
import { vmLogLine } from "../report/log-lines.ts";
import { runResult, unfinishedRun, vmResult, type AskedHost, type RunFacts } from "../report/run-result.ts";
import type { RunFinished, RunReport } from "../report/run-result-schema.ts";
import { writeRunReport } from "../store/run-reports.ts";
import type { Store } from "../store/store.ts";
import { askedHosts } from "./asked-hosts.ts";
import type { BackupRequest } from "./backup-request.ts";
import { errorExitCode } from "./error-exit-code.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { hooksOf } from "./hooked-run.ts";
import { rerunHosts } from "./rerun-hosts.ts";
import { runExitCode } from "./run-exit-code.ts";
import { sendPing, type Ping } from "./send-ping.ts";
import { writeMetrics } from "./write-metrics.ts";

/** A run and what is known of it. */
export interface RecordedRun {
  readonly emit: Emit<Event>;
  /** Where everything stands. */
  status(): FleetStatus;
  /** What it came to, when it ends now with this code. */
  result(exitCode: ExitCode, error?: unknown): RunFinished;
  /**
   * Backs up what the request says, while no other run does so into the same store. "nothing-failed" when there is
   * nothing to be run again. Throws what ends the run as a whole; the report is written then, too.
   */
  carryOut(signal: AbortSignal): Promise<ExitCode | "nothing-failed">;
}

/** Makes a run of this request, which has not begun; `show` gets its events. */
export function recordedRun(request: BackupRequest, show: Emit<TimedEvent>): RecordedRun {
  const startedAt = new Date();
  const { status, take } = followEvents();
  let directory: string | undefined;
  let asked: readonly AskedHost[] = askedHosts(request);
  const emit = (event: Event): void => {
    const timed = { ...event, at: new Date() } satisfies TimedEvent;
    take(timed);
    show(timed);
  };
  const facts = (): RunFacts => ({ startedAt, now: new Date(), store: directory, asked });
  const result: RecordedRun["result"] = (exitCode, error) =>
    runResult(status, { ...facts(), exitCode, error });
  const report = (store: Store, text: RunReport): Promise<void> =>
    writeRunReport(store.directory, startedAt, `${JSON.stringify(text, undefined, 2)}\n`);
  /** A run must not fail, and not hide why it did, because nothing can be written about it. */
  const writing = async (work: Promise<void>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      if (!(error instanceof BackupError)) throw error;
      emit({ kind: "report-failed", detail: describeFailure(error.reason) });
    }
  };
  const leaveBehind = async (store: Store, end: RunFinished): Promise<void> => {
    const { metricsFile } = request.settings;
    await writing(report(store, end));
    if (metricsFile !== undefined) await writing(writeMetrics(metricsFile, end));
  };
  const { hook: program, hookTimeoutSeconds: timeoutSeconds } = request.settings;
  const hookOptions = {
    hook: program === undefined ? undefined : { program, timeoutSeconds },
    resultOf: (host: string, vm: string) => {
      const known = statusOfVm(status, { host, vm });
      return known === undefined ? undefined : vmResult(known);
    },
    complain: ({ reason }: BackupError) => emit({ kind: "report-failed", detail: describeFailure(reason) }),
  };
  const telling = async (ping: Ping): Promise<void> => {
    const { pingUrl } = request.settings;
    if (pingUrl !== undefined) await writing(sendPing(pingUrl, ping));
  };

  const carryOut = async (store: Store, signal: AbortSignal): Promise<ExitCode | "nothing-failed"> => {
    directory = store.directory;
    const { rerun } = request;
    const hosts = rerun === undefined ? request.hosts : await rerunHosts(store.directory, rerun);
    if (hosts.length === 0) {
      await telling({ kind: "end", result: result(exitCodes.ok) });
      return "nothing-failed";
    }
    asked = askedHosts({ hosts });
    await writing(report(store, unfinishedRun(status, facts())));
    const hooks = hooksOf({ ...hookOptions, signal });
    const begun = telling({ kind: "start" });
    let isHooked = false;
    const finish = async (end: RunFinished): Promise<void> => {
      await leaveBehind(store, end);
      if (isHooked) await hooks.afterRun(end);
      await begun; // in their order, else the run would count as one that goes on
      await telling({ kind: "end", result: end });
    };
    try {
      await hooks.beforeRun({ store: store.directory, hosts: unfinishedRun(status, facts()).hosts });
      isHooked = true;
      await runBackups({ ...request, hosts }, store, { emit, signal, logText, aroundVm: hooks.aroundVm });
    } catch (error) {
      await finish(result(errorExitCode(error), error));
      throw error;
    }
    const exitCode = runExitCode(status, { wasStopped: signal.aborted });
    await finish(result(exitCode));
    return exitCode;
  };
  return {
    ...{ emit, result, status: () => status },
    carryOut: (signal) => inLockedStore(request.settings.store, (store) => carryOut(store, signal)),
  };
}

function logText(event: VmEvent): string | undefined {
  const line = vmLogLine(event);
  return line === undefined ? undefined : `${line.level} ${line.text}`;
}
