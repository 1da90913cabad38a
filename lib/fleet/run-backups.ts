// Survey → plan → run, over all hosts of a request. What goes wrong on one host stays that host's trouble.

import { randomBytes, randomUUID } from "node:crypto";
import { priorityOf, settingsFor, type HostRequest, type HostSettings } from "../config/host-request.ts";
import type { Settings } from "../config/settings.ts";
import { BackupError, type FailureReason } from "../model/failure.ts";
import type { Host, ToolVersions } from "../model/host.ts";
import type { VmBackupPlan } from "../model/plan.ts";
import type { HostFacts, VmFacts } from "../model/vm.ts";
import { planVmBackup } from "../plan/plan-vm-backup.ts";
import { selectVms } from "../plan/select-vms.ts";
import { openStore } from "../store/store.ts";
import { backUpOne } from "./back-up-one.ts";
import { openHostSession, type HostSession } from "./host-session.ts";
import { findLocalTools } from "./local-tools.ts";
import type { RunContext } from "./run-context.ts";
import { recoverVm } from "./recover-vm.ts";
import { runFleet } from "./run-fleet.ts";
import { surveyHost } from "./survey.ts";
import { unmatchedTargets, type LookedAt } from "./unmatched-targets.ts";
import { vmUnreadable } from "./understood.ts";

/** What to back up, and how. */
export interface RunRequest {
  /** What holds for the run as a whole: the store, the SSH configuration, how much at once. */
  readonly settings: Pick<Settings, "store" | "sshConfig" | "concurrency">;
  /** Each host once. */
  readonly hosts: readonly HostRequest[];
  readonly newName: string | undefined;
}

/** Surveys are short and cost the hosts little. */
const hostsAtOnce = 8;

interface ChosenVm {
  readonly host: string;
  readonly request: HostRequest;
  readonly settings: HostSettings;
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
  const { hosts } = request;
  context.emit({ kind: "run-started", hosts: hosts.map(({ host }) => host.name), store: store.directory });
  const sessions: HostSession[] = [];
  try {
    const chosen: ChosenVm[] = [];
    const looked: LookedAt[] = [];
    await runFleet(
      hosts.map((one) => ({ host: one.host.name, one })),
      { fleet: hostsAtOnce, perHost: 1 },
      async ({ one }) => {
        chosen.push(...(await chooseVms(one, { request, context, sessions, looked, here })));
      },
    );
    for (const { vm, reason } of unmatchedTargets(hosts, looked))
      context.emit({ kind: "vm-refused", host: reason.target.split("/")[0] ?? "", vm, reason });
    const perHost = new Map(hosts.map((one) => [one.host.name, settingsFor(one).perHost]));
    const limits = { fleet: request.settings.concurrency, perHost: (host: string) => perHost.get(host) ?? 1 };
    const priority = ({ request: one, vm }: ChosenVm): number => priorityOf(one, vm.name);
    const ordered = chosen.toSorted((a, b) => priority(b) - priority(a));
    await runFleet(ordered, limits, async (item) => {
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
  one: HostRequest,
  {
    request,
    context,
    here,
    sessions,
    looked,
  }: PlanningContext & { readonly sessions: HostSession[]; readonly looked: LookedAt[] },
): Promise<readonly ChosenVm[]> {
  if (context.signal.aborted) return [];
  const { host, vms } = one;
  try {
    context.emit({ kind: "survey-started", host: host.name });
    const configFile = request.settings.sshConfig;
    const session = await openHostSession(host, { configFile, signal: context.signal });
    sessions.push(session);
    const { overlayDirectory } = settingsFor(one);
    const facts = await surveyHost(session.shell, { uri: host.uri, overlayDirectory });
    await session.prepareTransfer({ here, there: facts.versions });
    context.emit({ kind: "host-surveyed", host: host.name, vms: facts.vms.length });
    const { chosen, unreadable, missing, leftOut } = selectVms(
      facts,
      vms?.map(({ text }) => text),
      one.rules,
    );
    const known = facts.vms.map(({ name }) => name);
    looked.push({ request: one, known, missing });
    if (leftOut.length > 0) context.emit({ kind: "vms-left-out", host: host.name, vms: leftOut });
    for (const vm of unreadable) {
      const reason = vmUnreadable(host, vm);
      refuse(context, { host, vm: reason.vm }, reason);
    }
    const shared = vms?.filter(({ sharedTarget }) => sharedTarget !== undefined).map(({ text }) => text);
    for (const vm of missing.filter((text) => shared?.includes(text) !== true))
      refuse(context, { host, vm }, { kind: "vm-not-found", host: host.name, vm, known });
    return chosen.map((vm) => {
      const settings = settingsFor(one, vm.name);
      return { host: host.name, request: one, settings, vm, facts, session };
    });
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
  const { overlayDirectory } = item.settings;
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
    const options = { ...item.settings, newName: request.newName, localQemuImg: here.qemuImg };
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
