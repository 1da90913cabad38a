// `virtfold drill`: composes the parts and runs them.

import { randomBytes } from "node:crypto";
import { splitWhen } from "../config/split-when.ts";
import { toolVersion } from "../config/tool.ts";
import { drillBackups } from "../fleet/drill-backups.ts";
import type { DrillTask } from "../fleet/drill-one.ts";
import { findLocalTools } from "../fleet/local-tools.ts";
import { listenForStop } from "../fleet/stop.ts";
import type { DrillEvent, DrillResult } from "../model/drill.ts";
import { BackupError } from "../model/failure.ts";
import { chooseToDrill, vmsWithoutGood } from "../plan/choose-to-drill.ts";
import { describeFailure } from "../report/describe-failure.ts";
import { drillLine } from "../report/drill-lines.ts";
import { drillPlan, drillPlanText, type PlannedDrill } from "../report/drill-plan.ts";
import { drillReport, drillSummary } from "../report/drill-text.ts";
import { describeClosedFolder } from "../report/verify-text.ts";
import { words } from "../report/wording.ts";
import type { GoodBackup } from "../store/backup-entry.ts";
import { drillRunName, writeDrillReport } from "../store/drill-reports.ts";
import { openStore, type Store } from "../store/store.ts";
import { readArguments } from "./arguments.ts";
import { lineWriter } from "./console.ts";
import { drillShape, readDrillRequest, type DrillRequest } from "./drill-request.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { closedAmong, findStored } from "./find-stored.ts";
import { readVolume } from "./read-volume.ts";
import { usage } from "./usage.ts";

/** Boots backups and says which do; gives the exit code. */
export async function drillCommand(argv: readonly string[]): Promise<ExitCode> {
  const args = readArguments(drillShape, toolVersion, argv);
  if (args.kind === "end") return args.exitCode;
  const startedAt = new Date();
  const request = await readDrillRequest(args);
  const write = lineWriter(await readVolume("drill", args));
  const store = await openStore(request.directory, { access: "read" });
  const runName = drillRunName(startedAt, randomBytes(3).toString("hex"));
  const { backups, passedOver } = await chooseBackups(store, request, startedAt);
  for (const text of passedOver) write({ level: "error", text }, new Date());
  const tasks = backups.map((backup, index): DrillTask => {
    const host = request.hostFor(backup.manifest.host.name);
    const options = request.optionsFor(host, backup.manifest.vm.name);
    return { backup, host: host.host, options, evidenceName: `${runName}-${index + 1}` };
  });
  if (request.isDryRun || tasks.length === 0) {
    const planned = { store: store.directory, drills: tasks.map(plannedDrill) };
    console.log(request.isJson ? JSON.stringify(drillPlan(planned), undefined, 2) : drillPlanText(planned));
    return passedOver.length === 0 ? exitCodes.ok : exitCodes.someFailed;
  }
  const emit = (event: DrillEvent): void => {
    const line = drillLine(event);
    if (line !== undefined) write(line, new Date());
  };
  const here = await findLocalTools(tasks.map(({ host }) => host));
  const results: DrillResult[] = [];
  const onResult = (result: DrillResult): void => void results.push(result);
  const stop = listenForStop(emit, leaveAtOnce);
  try {
    const { sshConfig } = request;
    await drillBackups(tasks, {
      ...{ directory: store.directory, here, emit, signal: stop.signal, sshConfig, onResult },
    });
  } finally {
    stop.release();
  }
  const exitCode = drillExitCode(results, { wasStopped: stop.signal.aborted, passedOver });
  const report = drillReport({ store: store.directory, startedAt, at: new Date(), exitCode, results });
  await keepReport(store, runName, report);
  console.log(request.isJson ? JSON.stringify(report, undefined, 2) : drillSummary(results));
  return exitCode;
}

interface Chosen {
  readonly backups: readonly GoodBackup[];
  /** A sentence for each VM that has no good backup, and for each folder that cannot be looked into. */
  readonly passedOver: readonly string[];
}

/** With `@WHEN` what it names; of the others' VMs one each. @throws BackupError `usage`. */
async function chooseBackups(
  store: Store,
  { targets, inventory, oldest }: DrillRequest,
  now: Date,
): Promise<Chosen> {
  const dated = targets.filter((text) => splitWhen(text).when !== undefined);
  const others = targets.filter((text) => !dated.includes(text));
  if (oldest !== undefined && dated.length > 0)
    throw usage(
      "drill",
      "--oldest chooses the backups, and a target with @WHEN names one: give one or the other",
    );
  const find = (wanted: readonly string[]): ReturnType<typeof findStored> =>
    findStored(store, { command: "drill", targets: wanted, inventory, hasWhen: true });
  const named = dated.length === 0 ? [] : await find(dated);
  const broken = named.find(({ kind }) => kind !== "good");
  if (broken !== undefined)
    throw usage("drill", words`${broken.path} is no good backup: it cannot be drilled`);
  const entries = targets.length > 0 && others.length === 0 ? [] : await find(others);
  const chosen = chooseToDrill(entries, { now, oldest });
  const all = [...named.filter((entry) => entry.kind === "good"), ...chosen];
  return {
    backups: [...new Map(all.map((backup) => [backup.path, backup])).values()],
    passedOver: [
      ...vmsWithoutGood(entries, now).map((vm) =>
        describeFailure({ kind: "drill-impossible", vm, why: "no-backup" }),
      ),
      ...closedAmong(entries).map(describeClosedFolder),
    ],
  };
}

function plannedDrill({ backup, host, options }: DrillTask): PlannedDrill {
  const { path, folderName, manifest } = backup;
  return { host: host.name, vm: manifest.vm.name, when: folderName, path, ...options };
}

function drillExitCode(
  results: readonly DrillResult[],
  { wasStopped, passedOver }: { readonly wasStopped: boolean; readonly passedOver: readonly string[] },
): ExitCode {
  if (results.some(({ leftOnHost }) => leftOnHost.length > 0)) return exitCodes.hostNeedsPerson;
  if (wasStopped) return exitCodes.interrupted;
  const isGood = passedOver.length === 0 && results.every(({ outcome }) => outcome.kind === "booted");
  return isGood ? exitCodes.ok : exitCodes.someFailed;
}

/** A store that nobody may write to is drilled too. */
async function keepReport(store: Store, runName: string, report: object): Promise<void> {
  try {
    await writeDrillReport(store.directory, runName, `${JSON.stringify(report, undefined, 2)}\n`);
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    console.error(`WARNING: The report of the drills could not be kept: ${describeFailure(error.reason)}`);
  }
}

/** The second signal. */
function leaveAtOnce(signal: string): never {
  console.error(`${signal} again: leaving at once; the host removes the clone by itself`);
  process.exit(exitCodes.interrupted);
}
