// Survey → plan, over all hosts of a request, and no further: nothing is changed, on hosts or in the store.

import type { HostRequest } from "../config/host-request.ts";
import type { SettingsOfPlan } from "../config/settings.ts";
import type { Emit, Event } from "../model/event.ts";
import { BackupError } from "../model/failure.ts";
import type { FleetPlan, PlannedVm } from "../model/fleet-plan.ts";
import { openStore } from "../store/store.ts";
import { chooseVms, hostsAtOnce, refuseVm, type BackupWish, type ChosenVm } from "./choose-vms.ts";
import type { HostSession } from "./host-session.ts";
import { findLocalTools } from "./local-tools.ts";
import { planFate, type FateOptions } from "./plan-fate.ts";
import { runFleet } from "./run-fleet.ts";
import { unmatchedTargets, type LookedAt } from "./unmatched-targets.ts";
import { untilStopped } from "./until-stopped.ts";

/** What to plan for. */
export interface PlanRequest extends BackupWish {
  readonly settings: Pick<SettingsOfPlan, "store" | "sshConfig" | "json" | "quiet" | "verbose">;
}

/** What every part of it shares. */
export interface PlanContext {
  readonly emit: Emit<Event>;
  readonly signal: AbortSignal;
}

type HostPlan = Pick<FleetPlan, "vms" | "failedHosts" | "isComplete">;

/**
 * Plans backups of everything that was asked for. A run that is stopped gives what it has.
 * @throws BackupError for what concerns the run as a whole, such as the store.
 */
export async function planBackups(request: PlanRequest, context: PlanContext): Promise<FleetPlan> {
  const here = await findLocalTools(request.hosts.map(({ host }) => host));
  const options = { request, here, store: await lookAtStore(request.settings.store) };
  const hosts = request.hosts.map((one) => ({ host: one.host.name, one }));
  const looked: LookedAt[] = [];
  const plans = new Map<string, HostPlan>();
  await runFleet(hosts, { fleet: hostsAtOnce, perHost: 1 }, async ({ host, one }) => {
    plans.set(host, await planHost(one, { ...options, looked }, context));
  });
  const inOrder = hosts.map(({ host }) => plans.get(host) ?? notAsked);
  const unmatched = unmatchedTargets(request.hosts, looked).map(({ vm, reason }): PlannedVm => {
    const host = reason.target.split("/")[0] ?? "";
    refuseVm(context.emit, { host: { name: host }, vm }, reason);
    return { host, vm, fate: { kind: "refused", reason } };
  });
  return {
    store: options.store,
    vms: [...inOrder.flatMap(({ vms }) => vms), ...unmatched],
    failedHosts: inOrder.flatMap(({ failedHosts }) => failedHosts),
    isComplete: inOrder.every(({ isComplete }) => isComplete),
  };
}

const notAsked: HostPlan = { vms: [], failedHosts: [], isComplete: false };

async function lookAtStore(directory: string | undefined): Promise<FleetPlan["store"]> {
  if (directory === undefined) return undefined;
  const store = await openStore(directory);
  return { directory: store.directory, freeBytes: await store.freeBytes() };
}

async function planHost(
  one: HostRequest,
  options: FateOptions & { readonly looked: LookedAt[] },
  { emit: tell, signal }: PlanContext,
): Promise<HostPlan> {
  const sessions = new Set<HostSession>();
  const vms: PlannedVm[] = [];
  const failedHosts: HostPlan["failedHosts"][number][] = [];
  const emit = (event: Event): void => {
    tell(event);
    if (event.kind === "host-failed") failedHosts.push({ host: event.host, reason: event.reason });
    if (event.kind !== "vm-refused") return;
    const { host, vm, reason } = event;
    vms.push({ host, vm, fate: { kind: "refused", reason } });
  };
  try {
    const choosing = chooseVms(one, { ...options, sessions, context: { emit, signal } });
    for (const item of await untilStopped(choosing, signal)) vms.push(...planItem(item, options, emit));
    return { vms, failedHosts, isComplete: !signal.aborted };
  } catch (error) {
    if (!(error instanceof BackupError) || error.reason.kind !== "interrupted") throw error;
    return { vms, failedHosts, isComplete: false };
  } finally {
    await Promise.all([...sessions].map((session) => session.close()));
  }
}

/** A VM that would be refused is told of by an event, like those that could not even be chosen. */
function planItem(item: ChosenVm, options: FateOptions, emit: Emit<Event>): readonly PlannedVm[] {
  const { host } = item.session;
  try {
    return [{ host: host.name, vm: item.vm.name, fate: planFate(item, options) }];
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    refuseVm(emit, { host, vm: item.vm.name }, error.reason);
    return [];
  }
}
