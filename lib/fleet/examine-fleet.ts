// This machine, the hosts and the store, looked at for what a backup needs. What goes wrong on one host is a finding, and
// does not hold up the others.

import type { HostRequest } from "../config/host-request.ts";
import { findBugsHere } from "../doctor/find-bugs.ts";
import type { HostCheckup } from "../doctor/host-checkup.ts";
import { judgeAt } from "../doctor/judge.ts";
import { judgeHost } from "../doctor/judge-host.ts";
import { judgeStore } from "../doctor/judge-store.ts";
import { BackupError } from "../model/failure.ts";
import type { Examination, Judgement } from "../model/finding.ts";
import type { ToolVersions } from "../model/host.ts";
import { copyBytes } from "../plan/copy-bytes.ts";
import { selectVms, type VmSelection } from "../plan/select-vms.ts";
import { hostsAtOnce } from "./choose-vms.ts";
import { examineHost } from "./examine-host.ts";
import { examineStore } from "./examine-store.ts";
import { findLocalTools } from "./local-tools.ts";
import { runFleet } from "./run-fleet.ts";
import { unmatchedTargets } from "./unmatched-targets.ts";

/** What to look at. */
export interface ExamineRequest {
  /** Each host once. */
  readonly hosts: readonly HostRequest[];
  /** Undefined for none. */
  readonly store: string | undefined;
  readonly sshConfig: string | undefined;
  /** Whether to try a snapshot on each host, with a VM made for that. */
  readonly hasCanary: boolean;
}

/** What every part of it shares. */
export interface ExamineContext {
  /** Told of each host when it has been looked at. */
  readonly onHost: (host: string, judgements: readonly Judgement[]) => void;
  readonly signal: AbortSignal;
}

/** Looks at everything; changes nothing, but for the VM that it may try a snapshot with. One that is stopped gives what it has. */
export async function examineFleet(request: ExamineRequest, context: ExamineContext): Promise<Examination> {
  const local = await examineHere();
  const found = new Map<string, HostCheckup>();
  const judged = new Map<string, readonly Judgement[]>();
  const items = request.hosts.map((one) => ({ host: one.host.name, one }));
  const options = {
    configFile: request.sshConfig,
    hasCanary: request.hasCanary,
    here: local.tools,
    signal: context.signal,
  };
  await runFleet(items, { fleet: hostsAtOnce, perHost: 1 }, async ({ host, one }) => {
    const checkup = await unlessStopped(() => examineHost(one, options));
    if (checkup === undefined) return;
    const judgements = judgeHost(checkup);
    found.set(host, checkup);
    judged.set(host, judgements);
    context.onHost(host, judgements);
  });
  const checkups = [...found.values()];
  const store =
    request.store === undefined || context.signal.aborted
      ? []
      : judgeStore({ ...(await examineStore(request.store)), neededBytes: bytesOf(checkups) });
  return {
    judgements: [
      ...local.judgements,
      ...items.flatMap(({ host }) => judged.get(host) ?? []),
      ...unmatched(request, checkups),
      ...store,
    ],
    hosts: items.map(({ host }) => host),
    store: request.store,
    isComplete: !context.signal.aborted,
  };
}

async function examineHere(): Promise<{
  readonly tools: ToolVersions | undefined;
  readonly judgements: readonly Judgement[];
}> {
  const judge = judgeAt({ kind: "here" });
  try {
    const tools = await findLocalTools();
    const bugs = findBugsHere(tools).map(({ bug, version, severity }) =>
      judge(severity, { kind: "known-bug", bug, version }),
    );
    return { tools, judgements: [judge("ok", { kind: "tools-here", versions: tools }), ...bugs] };
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    return { tools: undefined, judgements: [judge("problem", { kind: "failed", reason: error.reason })] };
  }
}

async function unlessStopped<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BackupError) || error.reason.kind !== "interrupted") throw error;
    return undefined;
  }
}

/** Targets over several hosts of which none has such a VM. */
function unmatched(request: ExamineRequest, checkups: readonly HostCheckup[]): readonly Judgement[] {
  const looked = checkups.flatMap((checkup) => {
    const known = checkup.surveyed?.facts.vms.map(({ name }) => name);
    const missing = selectionOf(checkup)?.missing;
    return known === undefined || missing === undefined ? [] : [{ request: checkup.request, known, missing }];
  });
  return unmatchedTargets(request.hosts, looked).map(({ reason }) =>
    judgeAt({ kind: "host", host: reason.target.split("/")[0] ?? "" })("problem", { kind: "failed", reason }),
  );
}

function selectionOf({ request, surveyed }: HostCheckup): VmSelection | undefined {
  if (surveyed === undefined) return undefined;
  const wanted = request.vms?.map(({ text }) => text);
  return selectVms(surveyed.facts, wanted, request.rules);
}

/** What all backups together would copy. */
function bytesOf(checkups: readonly HostCheckup[]): number {
  const chosen = checkups.flatMap((checkup) => selectionOf(checkup)?.chosen ?? []);
  return copyBytes({ disks: chosen.flatMap((vm) => [...vm.chains.values()].map((layers) => ({ layers }))) });
}
