// Survey → plan → run, over all hosts of a request. What goes wrong on one host stays that host's trouble.

import { randomBytes, randomUUID } from "node:crypto";
import type { Target } from "../config/target.ts";
import type { Settings } from "../config/settings.ts";
import { BackupError, type FailureReason } from "../model/failure.ts";
import type { Host, ToolVersions } from "../model/host.ts";
import type { VmBackupPlan } from "../model/plan.ts";
import type { HostFacts, VmFacts } from "../model/vm.ts";
import { planVmBackup } from "../plan/plan-vm-backup.ts";
import { selectVms } from "../plan/select-vms.ts";
import { openStore } from "../store/store.ts";
import { backUpOne } from "./back-up-one.ts";
import { groupByHost, type HostGroup } from "./group-by-host.ts";
import { openHostSession, type HostSession } from "./host-session.ts";
import { findLocalTools } from "./local-tools.ts";
import type { RunContext } from "./run-context.ts";
import { recoverVm } from "./recover-vm.ts";
import { runFleet } from "./run-fleet.ts";
import { surveyHost } from "./survey.ts";
import { vmUnreadable } from "./understood.ts";

/** What to back up, and how. */
export interface RunRequest {
  readonly settings: Settings;
  readonly targets: readonly Target[];
  readonly vmNames: readonly string[];
  readonly newName: string | undefined;
}

/** Surveys are short and cost the hosts little. */
const hostsAtOnce = 8;

interface ChosenVm {
  readonly host: string;
  readonly vm: VmFacts;
  readonly facts: HostFacts;
  readonly session: HostSession;
}

/**
 * Backs up everything that was asked for. What happens to hosts and VMs is told by events.
 * @throws BackupError only for what concerns the run as a whole: the store, or a VM that was named and does not exist.
 */
export async function runBackups(request: RunRequest, context: RunContext): Promise<void> {
  const here = await findLocalTools();
  const store = await openStore(request.settings.store);
  const hosts = groupByHost(request.targets);
  context.emit({ kind: "run-started", hosts: hosts.map(({ host }) => host.name), store: store.directory });
  const sessions: HostSession[] = [];
  try {
    const chosen: ChosenVm[] = [];
    await runFleet(
      hosts.map((group) => ({ host: group.host.name, group })),
      { fleet: hostsAtOnce, perHost: 1 },
      async ({ group }) => {
        chosen.push(...(await chooseVms(group, { request, context, sessions, here })));
      },
    );
    const limits = { fleet: request.settings.concurrency, perHost: request.settings.perHost };
    await runFleet(chosen, limits, async (item) => {
      const plan = await planNow(item, { request, context, here });
      if (plan !== undefined) await backUpOne(plan, { session: item.session, store, context });
    });
  } finally {
    await Promise.all(sessions.map((session) => session.close()));
  }
}

interface PlanningContext {
  readonly request: RunRequest;
  readonly context: RunContext;
  readonly here: ToolVersions;
}

async function chooseVms(
  { host, vms }: HostGroup,
  { request, context, here, sessions }: PlanningContext & { readonly sessions: HostSession[] },
): Promise<readonly ChosenVm[]> {
  if (context.signal.aborted) return [];
  try {
    context.emit({ kind: "survey-started", host: host.name });
    const { sshConfig: configFile, overlayDirectory } = request.settings;
    const session = await openHostSession(host, { configFile, signal: context.signal });
    sessions.push(session);
    const facts = await surveyHost(session.shell, { uri: host.uri, overlayDirectory });
    await session.prepareTransfer({ here, there: facts.versions });
    context.emit({ kind: "host-surveyed", host: host.name, vms: facts.vms.length });
    const wanted = vms ?? (request.vmNames.length > 0 ? request.vmNames : undefined);
    const { chosen, unreadable, missing } = selectVms(facts, wanted);
    const known = facts.vms.map(({ name }) => name);
    for (const one of unreadable) {
      const reason = vmUnreadable(host, one);
      refuse(context, { host, vm: reason.vm }, reason);
    }
    for (const vm of missing)
      refuse(context, { host, vm }, { kind: "vm-not-found", host: host.name, vm, known });
    return chosen.map((vm) => ({ host: host.name, vm, facts, session }));
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    if (error.reason.kind !== "interrupted")
      context.emit({ kind: "host-failed", host: host.name, reason: error.reason });
    return [];
  }
}

/**
 * Plans a VM's backup when its turn has come, from a fresh look: in a long run the survey may be hours old. Who shares
 * images with whom is taken from the survey.
 */
async function planNow(
  item: ChosenVm,
  { request, context, here }: PlanningContext,
): Promise<VmBackupPlan | undefined> {
  if (context.signal.aborted) return undefined;
  const { host, shell } = item.session;
  const { overlayDirectory } = request.settings;
  try {
    const look = (): Promise<HostFacts> =>
      surveyHost(shell, { uri: host.uri, overlayDirectory, uuids: [item.vm.uuid] });
    const found = await look();
    const isOld = await recoverVm(shell, { host, facts: found, vm: item.vm }, context.emit);
    const fresh = isOld ? await look() : found;
    const vm = fresh.vms[0];
    const [unreadable] = fresh.unreadable;
    if (unreadable !== undefined) throw new BackupError(vmUnreadable(host, unreadable));
    if (vm === undefined)
      throw new BackupError({ kind: "vm-changed", vm: item.vm.name, what: "libvirt no longer knows it" });
    const attempt = { now: new Date(), random: randomBytes(3), newUuid: randomUUID() };
    const options = { ...request.settings, newName: request.newName, localQemuImg: here.qemuImg };
    return planVmBackup(
      { host, facts: { ...fresh, imageUsers: item.facts.imageUsers }, vm },
      options,
      attempt,
    );
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    refuse(context, { host, vm: item.vm.name }, error.reason);
    return undefined;
  }
}

function refuse(
  context: RunContext,
  { host, vm }: { readonly host: Host; readonly vm: string },
  reason: FailureReason,
): void {
  context.emit({ kind: "vm-refused", host: host.name, vm, reason });
}
