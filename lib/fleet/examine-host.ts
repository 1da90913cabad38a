// One host, looked at for what a backup needs. Each question that fails is a finding, and keeps no other from being
// asked that does not need its answer.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HostRequest } from "../config/host-request.ts";
import { overlayDirectoryOf, settingsFor } from "../config/host-request.ts";
import type { HostCheckup, Surveyed } from "../doctor/host-checkup.ts";
import { askReadiness } from "../guard/ask-readiness.ts";
import { BackupError, type FailureReason } from "../model/failure.ts";
import type { Canary } from "../model/finding.ts";
import type { ToolVersions } from "../model/host.ts";
import type { HostFacts } from "../model/vm.ts";
import { planRecovery } from "../plan/plan-recovery.ts";
import { searchFolders } from "../plan/search-folders.ts";
import { askVms } from "./ask-vms.ts";
import { findStrayFiles } from "./find-stray-files.ts";
import { openHostSession, type HostSession } from "./host-session.ts";
import { surveyHost } from "./survey.ts";
import { tryCanary } from "./try-canary.ts";
import { asFailureOf } from "./understood.ts";
import { untilStopped } from "./until-stopped.ts";

/** What looking at a host depends on. */
export interface ExamineOptions {
  readonly configFile: string | undefined;
  /** What this machine has; undefined when that cannot copy. */
  readonly here: ToolVersions | undefined;
  /** Whether to try a snapshot with a VM made for that. */
  readonly hasCanary: boolean;
  readonly signal: AbortSignal;
}

/** A small file that every host has and everybody may read. */
const sampleFile = "/etc/hosts";

/** Looks at a host. @throws BackupError `interrupted`. */
export async function examineHost(request: HostRequest, options: ExamineOptions): Promise<HostCheckup> {
  const failures: FailureReason[] = [];
  const { signal } = options;
  const attempt = <T>(work: () => Promise<T>): Promise<T | undefined> =>
    attemptWhole(() => untilStopped(work(), signal));
  const attemptWhole = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof BackupError) || error.reason.kind === "interrupted") throw error;
      failures.push(error.reason);
      return undefined;
    }
  };
  const ended = (more: Partial<HostCheckup> = {}): HostCheckup => ({
    ...{ request, failures, readiness: undefined, dataPath: undefined, surveyed: undefined },
    canary: undefined,
    ...more,
  });
  const session = await attempt(() => openHostSession(request.host, options));
  if (session === undefined) return ended();
  try {
    const readiness = await attempt(() => askReadiness(session.shell));
    if (readiness === undefined) return ended();
    const surveyed = await attempt(() => survey(session, request));
    const dataPath = await attempt(() => tryDataPath(session, surveyed?.facts, options));
    const facts = options.hasCanary ? surveyed?.facts : undefined;
    // Not left alone when stopped: it has something to undo.
    const canary = facts && (await attemptWhole(() => canaryOn(session, { request, facts, signal })));
    return ended({ readiness, surveyed, dataPath, canary });
  } finally {
    await session.close();
  }
}

async function canaryOn(
  { host, shell }: HostSession,
  { request, facts, signal }: { request: HostRequest; facts: HostFacts; signal: AbortSignal },
): Promise<Canary> {
  const { overlayDirectory, leaseSeconds } = settingsFor(request);
  try {
    return await tryCanary({ host, shell, facts, overlayDirectory, leaseSeconds, signal });
  } catch (error) {
    throw asFailureOf(host.name, error);
  }
}

async function survey({ shell, host }: HostSession, request: HostRequest): Promise<Surveyed> {
  const ofVm = overlayDirectoryOf(request);
  const look = (): Promise<HostFacts> =>
    surveyHost(shell, { uri: host.uri, overlayDirectoryOf: ofVm, isWithoutRsync: true });
  const facts = await look();
  const asked = await askVms(shell, facts, request);
  const folders = searchFolders(facts.vms, ofVm);
  const strays = await findStrayFiles(shell, facts, { folders, look });
  return { facts, ...asked, recoveries: [...planRecovery(facts), ...strays] };
}

/** Brings a small file over as a backup brings images. @throws BackupError `tool-missing`. */
async function tryDataPath(
  session: HostSession,
  facts: HostFacts | undefined,
  { here, signal }: ExamineOptions,
): Promise<HostCheckup["dataPath"]> {
  if (here === undefined || facts === undefined) return undefined;
  const { versions: there } = facts;
  if (there.rsync === undefined)
    throw new BackupError({ kind: "tool-missing", where: session.host.name, tool: "rsync" });
  await session.prepareTransfer({ here, there });
  const folder = await mkdtemp(join(tmpdir(), "virtfold-doctor-"));
  try {
    await session.copierFor(session.host.name).copyFile(sampleFile, join(folder, "sample"), { signal });
    return { isOpen: true, detail: "" };
  } catch (error) {
    if (!(error instanceof BackupError) || error.reason.kind === "interrupted") throw error;
    return { isOpen: false, detail: "detail" in error.reason ? error.reason.detail : error.reason.kind };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
