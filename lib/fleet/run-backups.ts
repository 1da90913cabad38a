// Survey → plan → run, over all hosts of a request. What goes wrong on one host stays that host's trouble.

import { settingsFor } from "../config/host-request.ts";
import type { Settings } from "../config/setting-rules.ts";
import type { VmEvent } from "../model/event.ts";
import { BackupError } from "../model/failure.ts";
import type { ToolVersions } from "../model/host.ts";
import type { VmBackupPlan } from "../model/plan.ts";
import { compareTurns, orderTurns, type RankedTurn } from "../plan/order-turns.ts";
import { lastBackupSeconds } from "../store/last-backup-seconds.ts";
import type { Store } from "../store/store.ts";
import { backUpOne } from "./back-up-one.ts";
import { chooseVms, hostsAtOnce, refuseVm, type BackupWish } from "./choose-vms.ts";
import type { HostSession } from "./host-session.ts";
import { findLocalTools } from "./local-tools.ts";
import { lookAgain } from "./look-again.ts";
import { OpenSessions } from "./open-sessions.ts";
import { planVm } from "./plan-vm.ts";
import { recoverVm } from "./recover-vm.ts";
import type { RunContext } from "./run-context.ts";
import { runFleet, startFleet } from "./run-fleet.ts";
import { vmUnreadable } from "./understood.ts";
import { unmatchedTargets, type LookedAt } from "./unmatched-targets.ts";
import { waitingVm, type WaitingVm } from "./waiting-vm.ts";

/** What to back up, and how. */
export interface RunRequest extends BackupWish {
  /** What holds for the run as a whole: the store, the SSH configuration, how much at once. */
  readonly settings: Pick<Settings, "store" | "sshConfig" | "concurrency">;
}

/**
 * Backs up everything that was asked for, into a store that this run holds. What happens to hosts and VMs is told by
 * events.
 * @throws BackupError only for what concerns the run as a whole.
 */
export async function runBackups(request: RunRequest, store: Store, context: RunContext): Promise<void> {
  const { hosts } = request;
  const here = await findLocalTools(hosts.map(({ host }) => host));
  context.emit({ kind: "run-started", hosts: hosts.map(({ host }) => host.name), store: store.directory });
  const sessions = new OpenSessions<HostSession>();
  try {
    // Each host's VMs begin as soon as it has answered: who waits for a host that is dead or slow is that host.
    const perHost = new Map(hosts.map((one) => [one.host.name, settingsFor(one).perHost]));
    const limits = { fleet: request.settings.concurrency, perHost: (host: string) => perHost.get(host) ?? 1 };
    const backUp = async (item: WaitingVm): Promise<void> => {
      try {
        await takeTurn(item, context, async () => {
          const plan = await planNow(item, { request, context, here });
          if (plan !== undefined) await backUpOne(plan, { session: item.session, store, context });
        });
      } finally {
        await sessions.endTurn(item.session);
      }
    };
    const backups = startFleet<RankedTurn<WaitingVm>>(limits, backUp, compareTurns);
    const looked: LookedAt[] = [];
    const surveys = runFleet(
      hosts.map((one) => ({ host: one.host.name, one })),
      { fleet: hostsAtOnce, perHost: 1 },
      async ({ one }) => {
        let opened: HostSession | undefined;
        const add = (session: HostSession): void => sessions.add((opened = session));
        const chosen = await chooseVms(one, { request, context, sessions: { add }, looked, here });
        if (opened !== undefined) await sessions.expect(opened, chosen.length);
        const waiting = await Promise.all(
          chosen.map(async (item) =>
            waitingVm(item, await lastBackupSeconds(store.directory, item.host, item.vm.name)),
          ),
        );
        backups.add(orderTurns(waiting));
      },
    );
    // A bug that one host brings to light must not cost the others their backups.
    const bug = await surveys.then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    for (const { vm, reason } of unmatchedTargets(hosts, looked))
      refuseVm(context.emit, { host: { name: reason.target.split("/")[0] ?? "" }, vm }, reason);
    await backups.end();
    if (bug !== undefined) throw bug.error;
  } finally {
    await sessions.closeAll();
  }
}

async function takeTurn(item: WaitingVm, context: RunContext, turn: () => Promise<void>): Promise<void> {
  if (context.signal.aborted) return;
  const { name: vm, uuid } = item.vm;
  try {
    await context.aroundVm({ host: item.host, vm, uuid }, turn);
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    if (error.reason.kind !== "interrupted")
      refuseVm(context.emit, { host: item.session.host, vm }, error.reason);
  }
}

interface PlanningContext {
  readonly request: RunRequest;
  readonly context: RunContext;
  readonly here: ToolVersions;
}

/** Plans a VM's backup when its turn has come, from a fresh look. */
async function planNow(
  item: WaitingVm,
  { request, context, here }: PlanningContext,
): Promise<VmBackupPlan | undefined> {
  if (context.signal.aborted) return undefined;
  const { host, shell } = item.session;
  const { settings } = item;
  try {
    const found = await lookAgain(item);
    const wasRestored = await recoverVm(shell, { host, facts: found, vm: item.vm }, context.emit);
    const facts = wasRestored ? await lookAgain(item) : found;
    const vm = facts.vms[0];
    const [unreadable] = facts.unreadable;
    if (unreadable !== undefined) throw new BackupError(vmUnreadable(host, unreadable));
    if (vm === undefined)
      throw new BackupError({ kind: "vm-changed", vm: item.vm.name, what: "libvirt no longer knows it" });
    return planVm({ host, facts, vm, wasRestored }, { settings, newName: request.newName, here });
  } catch (error) {
    if (error instanceof BackupError) refuseVm(context.emit, { host, vm: item.vm.name }, error.reason);
    else tellBug(item, error, context);
    return undefined;
  }
}

/** Nothing has been done to the VM yet. */
function tellBug({ host, vm }: WaitingVm, error: unknown, { emit }: RunContext): void {
  const tell = (event: VmEvent): void => emit({ kind: "vm", host, vm: vm.name, event });
  tell({ kind: "vm-started" });
  tell({ kind: "vm-finished", outcome: { kind: "bug", error, leftOnHost: [] } });
}
