// `virtfold restore`: composes the parts and runs them.

import { toolVersion } from "../config/tool.ts";
import { withReadyRestore, type ReadyRestore } from "../fleet/restore-one.ts";
import { listenForStop } from "../fleet/stop.ts";
import { BackupError } from "../model/failure.ts";
import type { RestoreEvent, RestoreOutcome, RestorePlan } from "../model/restore.ts";
import { describeRestoreFailure } from "../report/describe-restore-failure.ts";
import { formatSeconds } from "../report/format.ts";
import { restoreLine } from "../report/restore-lines.ts";
import { keptLines } from "../report/kept-lines.ts";
import { restorePlanText } from "../report/restore-plan-text.ts";
import { words } from "../report/wording.ts";
import { readArguments } from "./arguments.ts";
import { lineWriter } from "./console.ts";
import { errorExitCode } from "./error-exit-code.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { readVolume } from "./read-volume.ts";
import { readRestoreRequest, restoreShape } from "./restore-request.ts";

type FailedRestore = Extract<RestoreOutcome, { kind: "failed" }>;

/** Brings a VM back, or shows what that would do; gives the exit code. */
export async function restoreCommand(argv: readonly string[]): Promise<ExitCode> {
  const args = readArguments(restoreShape, toolVersion, argv);
  if (args.kind === "end") return args.exitCode;
  const request = await readRestoreRequest(args);
  const write = lineWriter(await readVolume("restore", args));
  const emit = (event: RestoreEvent): void => {
    const line = restoreLine(event);
    if (line !== undefined) write(line, new Date());
  };
  const stop = listenForStop(emit, leaveAtOnce);
  const work = "dryRun" in args.extra ? showPlan : carryOut;
  try {
    return await withReadyRestore(request, { emit, signal: stop.signal }, work);
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    console.error(`ERROR: ${describeRestoreFailure(error.reason)}`);
    return errorExitCode(error);
  } finally {
    stop.release();
  }
}

async function showPlan({ plan }: ReadyRestore): Promise<ExitCode> {
  console.log(restorePlanText(plan));
  return exitCodes.ok;
}

async function carryOut(ready: ReadyRestore): Promise<ExitCode> {
  const outcome = await ready.carryOut();
  if (outcome.kind === "failed")
    console.error(
      [`ERROR: ${describeRestoreFailure(outcome.reason)}`, ...lossLines(ready.plan, outcome)].join("\n"),
    );
  else console.log([restoredLine(ready.plan, outcome), ...keptLines(ready.plan)].join("\n"));
  if (outcome.leftOnHost.length > 0) return exitCodes.hostNeedsPerson;
  if (outcome.kind === "failed") return errorExitCode(new BackupError(outcome.reason));
  return outcome.startTrouble === undefined ? exitCodes.ok : exitCodes.someFailed;
}

/** What nobody can bring back, and how it goes on from there. */
function lossLines({ host, vm }: RestorePlan, { lostDevices }: FailedRestore): readonly string[] {
  if (lostDevices.length === 0) return [];
  return [
    words`What was on ${lostDevices} of host ${host.name} is gone, and nothing that is whole is there in its place: no VM ${vm.name} is there until the same command succeeds`,
  ];
}

function restoredLine(
  { vm, host, files, folder }: RestorePlan,
  { seconds, isStarted }: Extract<RestoreOutcome, { kind: "restored" }>,
): string {
  const state = isStarted ? "started" : "shut off";
  return words`Restored ${vm.name} on ${host.name}, ${{ raw: state }}, in ${{ raw: formatSeconds(seconds) }}; ${{ whole: placeOf({ files, folder }) }}`;
}

function placeOf({ files, folder }: Pick<RestorePlan, "files" | "folder">): string {
  const devices = files.filter(({ device }) => device !== undefined).map(({ path }) => path);
  const hasImages = files.some(({ role, device }) => role === "disk" && device === undefined);
  const images = words`its images are in ${folder.path}`;
  if (devices.length === 0) return images;
  return words`${{ whole: hasImages ? `${images} and` : "its disks are" }} on ${devices}`;
}

/** The second signal. */
function leaveAtOnce(signal: string): never {
  console.error(`${signal} again: leaving at once; the host undoes by itself what was begun there`);
  process.exit(exitCodes.interrupted);
}
