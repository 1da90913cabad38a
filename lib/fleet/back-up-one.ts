// One VM's backup as a citizen of a fleet run: whatever it throws becomes an outcome.

import { armGuard } from "../guard/guard.ts";
import { backupVm } from "../backup/backup-vm.ts";
import type { Ports } from "../backup/ports.ts";
import { localImageTools } from "../images/image-tools.ts";
import type { Event, Outcome, VmEvent } from "../model/event.ts";
import type { LeftOnHost } from "../model/guard.ts";
import { BackupError } from "../model/failure.ts";
import type { VmBackupPlan } from "../model/plan.ts";
import type { Store } from "../store/store.ts";
import { backupStore } from "./backup-store.ts";
import { controllerName } from "./controller-name.ts";
import type { HostSession } from "./host-session.ts";
import type { RunContext } from "./run-context.ts";
import { asFailureOf } from "./understood.ts";

/** Backs up one VM and tells by events how it went. Never throws. */
export async function backUpOne(
  plan: VmBackupPlan,
  {
    session,
    store,
    context,
  }: { readonly session: HostSession; readonly store: Store; readonly context: RunContext },
): Promise<void> {
  if (context.signal.aborted) return;
  const left: LeftOnHost[] = [];
  const log: string[] = [];
  const emit = (event: VmEvent): void => {
    if (event.kind === "left-on-host") left.push(...event.left);
    const text = context.logText(event);
    if (text !== undefined) log.push(`${new Date().toISOString()} ${text}\n`);
    context.emit({ kind: "vm", host: plan.host.name, vm: plan.vm.name, event } satisfies Event);
  };
  const ports: Ports = {
    shell: session.shell,
    copier: session.copierFor(plan.vm.name, plan.bytesPerSecond),
    images: localImageTools({ vm: plan.vm.name, store: store.directory, signal: context.signal }),
    armGuard: () =>
      armGuard(session.shell, {
        vm: plan.vm.name,
        uuid: plan.vm.uuid,
        backupId: plan.backupId,
        uri: plan.host.uri,
        controller: controllerName(),
        ...plan.limits,
      }),
    store: backupStore(store, plan),
    emit,
    signal: context.signal,
    now: () => new Date(),
    logText: () => log.join(""),
  };
  emit({ kind: "vm-started" });
  emit({ kind: "vm-finished", outcome: await outcomeOf(plan, { ports, left }) });
}

async function outcomeOf(
  plan: VmBackupPlan,
  { ports, left }: { readonly ports: Ports; readonly left: readonly LeftOnHost[] },
): Promise<Outcome> {
  try {
    return { kind: "backed-up", ...(await backupVm(plan, ports)) };
  } catch (thrown) {
    const error = asFailureOf(plan.host.name, thrown);
    if (!(error instanceof BackupError)) return { kind: "bug", error, leftOnHost: left };
    if (error.reason.kind === "interrupted") return { kind: "interrupted", leftOnHost: left };
    return { kind: "failed", reason: error.reason, leftOnHost: left };
  }
}
