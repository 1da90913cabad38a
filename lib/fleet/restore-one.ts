// One restore from the command's request to its end: backup, host, plan, and what becomes of it.

import { randomBytes, randomUUID } from "node:crypto";
import { armGuard } from "../guard/guard.ts";
import { hostNeeds } from "../hypervisor/host-needs.ts";
import type { Plug } from "../hypervisor/detach-interfaces.ts";
import { localImageTools } from "../images/image-tools.ts";
import type { Emit } from "../model/event.ts";
import { BackupError } from "../model/failure.ts";
import type { LeftOnHost } from "../model/guard.ts";
import type { Host, ToolVersions } from "../model/host.ts";
import type { Misfit } from "../model/misfit.ts";
import type { RestoreEvent, RestoreOutcome, RestorePlan } from "../model/restore.ts";
import { backupId } from "../plan/backup-id.ts";
import type { OriginalFacts } from "../plan/original-facts.ts";
import { planOriginal } from "../plan/plan-original.ts";
import { planRestore, restoredName, type RestoreOptions } from "../plan/plan-restore.ts";
import { folderName, imageFolders } from "../plan/restore-folder.ts";
import { refuseStrayDevices } from "../plan/stored-devices.ts";
import type { StoredVm } from "../plan/stored-vm.ts";
import type { TargetFacts } from "../plan/target-facts.ts";
import type { RestorePorts } from "../restore/ports.ts";
import { readStoredVm } from "../restore/read-stored-vm.ts";
import { restoreVm } from "../restore/restore-vm.ts";
import type { GoodBackup } from "../store/backup-entry.ts";
import { hashFile } from "../store/hash-file.ts";
import { openStore } from "../store/store.ts";
import { lookAtDevices } from "./ask-devices.ts";
import { askOriginal } from "./ask-original.ts";
import { chooseBackup, type WantedBackup } from "./choose-backup.ts";
import { controllerName } from "./controller-name.ts";
import { findNamesakes } from "./find-namesakes.ts";
import { openHostSession, type HostSession } from "./host-session.ts";
import { holdForReading } from "./hold-for-reading.ts";
import { findLocalTools } from "./local-tools.ts";
import { surveyTarget } from "./survey-target.ts";
import { asFailureOf } from "./understood.ts";

/** What is to be brought back, and where. */
export interface RestoreRequest {
  readonly store: string;
  readonly backup: WantedBackup;
  readonly host: Host;
  readonly options: RestoreOptions;
  readonly sshConfig: string | undefined;
  /** The other hosts of the inventory, which must not have the VM when it comes back as what it was. */
  readonly otherHosts?: readonly Host[];
}

export interface RestoreContext {
  readonly emit: Emit<RestoreEvent>;
  readonly signal: AbortSignal;
}

/** A restore that is decided. */
export interface ReadyRestore {
  readonly plan: RestorePlan;
  /** Carries it out. Whatever is expected to go wrong is an outcome. */
  readonly carryOut: () => Promise<RestoreOutcome>;
}

/**
 * Decides a restore, and does with it what `work` wants; the ways to the host are closed afterwards.
 * @throws BackupError before anything is changed.
 */
export async function withReadyRestore<T>(
  request: RestoreRequest,
  context: RestoreContext,
  work: (ready: ReadyRestore) => Promise<T>,
): Promise<T> {
  const here = await findLocalTools([request.host]);
  const store = await openStore(request.store, { access: "read" });
  const backup = await chooseBackup(store, request.backup, new Date());
  context.emit({ kind: "backup-chosen", path: backup.path, startedAt: backup.manifest.startedAt });
  const hold = await holdForReading(backup);
  if (hold.claim === undefined) context.emit({ kind: "not-held", path: backup.path, detail: hold.detail });
  try {
    return await withClaimed({ request, context, backup, here }, work);
  } finally {
    hold.claim?.release();
  }
}

interface Claimed {
  readonly request: RestoreRequest;
  readonly context: RestoreContext;
  readonly backup: GoodBackup;
  readonly here: ToolVersions;
}

async function withClaimed<T>(
  { request, context, backup, here }: Claimed,
  work: (ready: ReadyRestore) => Promise<T>,
): Promise<T> {
  const images = localImageTools({
    ...{ vm: backup.manifest.vm.name, store: request.store, signal: context.signal },
  });
  const stored = await readStoredVm(backup, images);
  refuseStrayDevices(stored, request.options.original?.overwrites ?? []);
  const { host, sshConfig: configFile } = request;
  const session = await openHostSession(host, { configFile, signal: context.signal });
  try {
    const facts = await askTarget(session, stored, request.options);
    const around =
      request.options.original === undefined
        ? undefined
        : await lookAround(session, stored, { request, context });
    const plan = decide(request, { stored, facts, around });
    await session.prepareTransfer({ here, there: facts.versions });
    const lookAgain = async (): Promise<readonly Misfit[]> => {
      const { overwrites = [] } = request.options.original ?? {};
      return await lookAtDevices(session.shell, host.uri, { stored, overwrites });
    };
    return await work({ plan, carryOut: () => carryOut(plan, { session, lookAgain }, context) });
  } finally {
    await session.close();
  }
}

/** Asks the host whatever decides on a restore. */
export async function askTarget(
  { host, shell }: HostSession,
  stored: StoredVm,
  options: RestoreOptions,
): Promise<TargetFacts> {
  const needs = hostNeeds(stored.originalXml);
  const folders = imageFolders(stored, options.imageFolder);
  const { network } = options;
  const asked: readonly Plug[] =
    network.kind === "network" ? [{ kind: "network", name: network.name }] : needs.plugs;
  const media = stored.domain.disks.flatMap(({ kind, path }) => (kind === "skipped" && path ? [path] : []));
  const own = folders.map((folder) => `${folder}/${folderName(restoredName(stored, options))}`);
  return await surveyTarget(shell, {
    ...{ uri: host.uri, needs, plugs: asked, imageFolders: folders },
    paths: [...media, ...needs.sharedFolders, ...own, ...(needs.firmwarePath ? [needs.firmwarePath] : [])],
  });
}

async function lookAround(
  { host, shell }: HostSession,
  stored: StoredVm,
  { request, context }: Pick<Claimed, "request" | "context">,
): Promise<OriginalFacts> {
  const { sshConfig: configFile, otherHosts = [] } = request;
  const { signal } = context;
  const { name, uuid } = stored.manifest.vm;
  const here = await askOriginal(shell, host.uri, stored);
  const vm = { name, uuid: uuid.toLowerCase() };
  return { ...here, ...(await findNamesakes(otherHosts, vm, { configFile, signal })) };
}

function decide(
  { host, options }: RestoreRequest,
  found: {
    readonly stored: StoredVm;
    readonly facts: TargetFacts;
    readonly around: OriginalFacts | undefined;
  },
): RestorePlan {
  const attempt = {
    restoreId: backupId(new Date(), randomBytes(3)),
    ...{ uuid: randomUUID(), generationId: randomUUID(), random: randomBytes(16) },
  };
  try {
    const { around } = found;
    return around === undefined
      ? planRestore({ host, ...found }, options, attempt)
      : planOriginal({ host, ...found, around }, options, attempt);
  } catch (error) {
    const understood = asFailureOf(host.name, error);
    if (understood === error || !(error instanceof Error)) throw error;
    // What is patched comes from the store, not from the host.
    throw new BackupError({ kind: "backup-unusable", path: found.stored.path, detail: error.message });
  }
}

async function carryOut(
  plan: RestorePlan,
  {
    session,
    lookAgain,
  }: { readonly session: HostSession; readonly lookAgain: RestorePorts["lookAtDevices"] },
  { emit, signal }: RestoreContext,
): Promise<RestoreOutcome> {
  const startedAt = performance.now();
  const leftOnHost: LeftOnHost[] = [];
  const lostDevices: string[] = [];
  for (const note of plan.notes) emit({ kind: "note", note });
  try {
    const result = await restoreVm(plan, {
      ...{ shell: session.shell, pusher: session.pusher(plan.bytesPerSecond), signal, now: () => new Date() },
      armGuard: () => armGuard(session.shell, guardOwner(plan)),
      ...{ hashStored: hashFile, lookAtDevices: lookAgain },
      emit: (event) => {
        if (event.kind === "left-on-host") leftOnHost.push(...event.left);
        if (event.kind === "device-opened") lostDevices.push(event.path);
        emit(event);
      },
    });
    const seconds = (performance.now() - startedAt) / 1000;
    const isStarted = plan.starts && result.startTrouble === undefined;
    return { kind: "restored", seconds, isStarted, ...result };
  } catch (thrown) {
    const error = asFailureOf(plan.host.name, thrown);
    if (!(error instanceof BackupError)) throw error;
    return { kind: "failed", reason: error.reason, leftOnHost, lostDevices };
  }
}

/** Who a restore arms a guard for. */
export function guardOwner(plan: RestorePlan): Parameters<typeof armGuard>[1] {
  return {
    ...{ vm: plan.vm.name, uuid: plan.vm.uuid, backupId: plan.restoreId, uri: plan.host.uri },
    ...{ controller: controllerName(), definition: plan.definition },
    ...{ leaseSeconds: plan.leaseSeconds, budgetBytes: 0, reserveBytes: 0 },
    isForgotten: plan.original === undefined,
  };
}
