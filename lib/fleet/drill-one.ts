// The drill of one backup from its claim to what is noted beside it.

import { randomBytes, randomUUID } from "node:crypto";
import { unlink, chmod } from "node:fs/promises";
import { hostname } from "node:os";
import { toolVersion } from "../config/tool.ts";
import { drillVm } from "../drill/drill-vm.ts";
import type { EvidenceKeeper } from "../drill/ports.ts";
import { armGuard } from "../guard/guard.ts";
import { localImageTools } from "../images/image-tools.ts";
import { expectationText, type DrillEvent, type DrillPlan, type DrillResult } from "../model/drill.ts";
import type { Emit } from "../model/event.ts";
import { BackupError } from "../model/failure.ts";
import type { LeftOnHost } from "../model/guard.ts";
import type { Host, ToolVersions } from "../model/host.ts";
import { backupId } from "../plan/backup-id.ts";
import { drillRestoreOptions, drillUuid, planDrill, type DrillOptions } from "../plan/plan-drill.ts";
import { readStoredVm } from "../restore/read-stored-vm.ts";
import type { GoodBackup } from "../store/backup-entry.ts";
import { writeDrillRecord } from "../store/drill-records.ts";
import { evidencePlace } from "../store/drill-reports.ts";
import { replaceFile } from "../store/replace-file.ts";
import { hashFile } from "../store/hash-file.ts";
import { systemCode } from "../store/in-store.ts";
import { findSight } from "./drill-sight.ts";
import { holdForReading } from "./hold-for-reading.ts";
import type { HostSession } from "./host-session.ts";
import { askTarget, guardOwner } from "./restore-one.ts";
import { asFailureOf } from "./understood.ts";

/** What every drill of a run has in common. */
export interface DrillContext {
  /** Of the store. */
  readonly directory: string;
  readonly here: ToolVersions;
  readonly emit: Emit<DrillEvent>;
  readonly signal: AbortSignal;
}

/** One drill of a run. */
export interface DrillTask {
  readonly backup: GoodBackup;
  readonly host: Host;
  readonly options: DrillOptions;
  /** What the files that it may keep begin with. */
  readonly evidenceName: string;
}

/**
 * Drills one backup on a host that is connected to. Whatever is expected to go wrong is an outcome.
 * Nobody removes the backup meanwhile.
 */
export async function drillOne(
  session: HostSession,
  task: DrillTask,
  context: DrillContext,
): Promise<DrillResult> {
  const { backup, host } = task;
  const leftOnHost: LeftOnHost[] = [];
  const emit: Emit<DrillEvent> = (event) => {
    if (event.kind === "left-on-host") leftOnHost.push(...event.left);
    context.emit(event);
  };
  const about = { host: backup.manifest.host.name, vm: backup.manifest.vm.name, path: backup.path };
  const result = { ...about, folderName: backup.folderName, on: host.name };
  try {
    const { claim } = await holdForReading(backup);
    try {
      const { plan, finding } = await carryOut(session, task, { ...context, emit });
      const recordProblem = await record(backup, plan, finding);
      return { ...result, outcome: finding, leftOnHost, recordProblem };
    } finally {
      claim?.release();
    }
  } catch (thrown) {
    const error = asFailureOf(host.name, thrown);
    if (!(error instanceof BackupError)) throw error;
    return {
      ...result,
      outcome: { kind: "undone", reason: error.reason },
      leftOnHost,
      recordProblem: undefined,
    };
  }
}

async function carryOut(
  session: HostSession,
  task: DrillTask,
  context: DrillContext,
): Promise<{ readonly plan: DrillPlan; readonly finding: Finding }> {
  const { backup, host, options } = task;
  const { directory, emit, signal, here } = context;
  const { shell } = session;
  const vm = backup.manifest.vm.name;
  const stored = await readStoredVm(backup, localImageTools({ vm, store: directory, signal }));
  const restoreId = backupId(new Date(), randomBytes(3));
  const facts = await askTarget(session, stored, drillRestoreOptions(stored, options, restoreId));
  const sight = await findSight(shell, host.uri, stored);
  const plan = planDrill({ host, stored, facts, sight }, options, {
    ...{ restoreId, uuid: drillUuid(backup.manifest.vm.uuid), generationId: randomUUID() },
    random: randomBytes(16),
  });
  const { expected } = options;
  emit({ kind: "drill-started", name: plan.clone.vm.name, host: host.name, path: backup.path, expected });
  emit({ kind: "way-chosen", way: plan.way });
  await session.prepareTransfer({ here, there: facts.versions });
  const { finding } = await drillVm(plan, {
    ...{ shell, pusher: session.pusher(options.bytesPerSecond), emit, signal, now: () => new Date() },
    armGuard: () => armGuard(shell, guardOwner(plan.clone)),
    hashStored: hashFile,
    evidence: keeperFor(session, task, directory),
  });
  return { plan, finding };
}

type Finding = Awaited<ReturnType<typeof drillVm>>["finding"];

function keeperFor(
  session: HostSession,
  { evidenceName, backup, options }: DrillTask,
  store: string,
): EvidenceKeeper {
  const copier = () => session.copierFor(backup.manifest.vm.name, options.bytesPerSecond);
  return {
    keepText: async (name, text) => {
      const place = await evidencePlace(store, `${evidenceName}-${name}`);
      await replaceFile(place.file, text, { mode: 0o600 });
      return place.inStore;
    },
    keepFile: async (name, hostPath, { signal }) => {
      const place = await evidencePlace(store, `${evidenceName}-${name}`);
      try {
        await copier().copyFile(hostPath, place.file, { signal });
        await chmod(place.file, 0o600);
      } catch (error) {
        await unlink(place.file).catch(() => {});
        throw error;
      }
      return place.inStore;
    },
  };
}

/** Why the result could not be put beside the backup. */
async function record(backup: GoodBackup, plan: DrillPlan, finding: Finding): Promise<string | undefined> {
  const drilledAt = new Date().toISOString();
  const { backupId: id } = backup.manifest;
  const lastBootedAt = finding.kind === "booted" ? drilledAt : backup.drill?.lastBootedAt;
  try {
    await writeDrillRecord(
      { path: backup.path, folderName: backup.folderName, backupId: id },
      {
        ...{ version: 1, backupId: id, drilledAt, state: finding.kind, host: plan.clone.host.name },
        ...{ way: plan.way.kind, expected: expectationText(plan.expected), lastBootedAt },
        ...(finding.kind === "booted"
          ? { rtoSeconds: finding.rtoSeconds, bootSeconds: finding.bootSeconds, evidence: [] }
          : { detail: JSON.stringify(finding.trouble).slice(0, 2000), evidence: [...finding.evidence] }),
        ...{ tool: { name: "virtfold", version: toolVersion }, machine: hostname() },
      },
    );
    return undefined;
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    return code;
  }
}
