// What would become of one VM in a backup. Only decides: what a dead run left is told of, not touched.

import { BackupError } from "../model/failure.ts";
import type { PlannedBackup, PlannedFate } from "../model/fleet-plan.ts";
import type { ToolVersions } from "../model/host.ts";
import { asRestored } from "../plan/as-restored.ts";
import { planRecovery } from "../plan/plan-recovery.ts";
import type { FoundVm } from "../plan/plan-vm-backup.ts";
import type { BackupWish, ChosenVm } from "./choose-vms.ts";
import { foreseeBackup } from "./foresee-backup.ts";
import { planVm } from "./plan-vm.ts";
import { guardHeld, isForProgram } from "./recover-vm.ts";

/** What a fate depends on besides the VM. */
export interface FateOptions {
  readonly request: BackupWish;
  readonly here: ToolVersions;
  /** Undefined when none was named. */
  readonly store: { readonly directory: string; readonly freeBytes: number } | undefined;
}

/** What a backup would do about this VM now. @throws BackupError as the backup would, before it touches anything. */
export function planFate(item: ChosenVm, options: FateOptions): PlannedFate {
  const { vm, facts, session } = item;
  const recovery = planRecovery(facts, { uuid: vm.uuid }).find(isForProgram);
  if (recovery === undefined)
    return { kind: "back-up", backup: foresee(item, { vm, wasRestored: false }, options) };
  if (recovery.kind === "held") throw guardHeld(recovery.guard, { host: session.host, vm: vm.name });
  const backupId = recovery.kind === "restore" ? recovery.guard.backupId : recovery.backupId;
  return { kind: "restore-first", backupId, backup: foreseeRestored(item, options) };
}

/** @throws BackupError for what stands in the way of a backup whether its host is restored or not. */
function foreseeRestored(item: ChosenVm, options: FateOptions): PlannedBackup | undefined {
  try {
    return foresee(item, { vm: asRestored(item.vm), wasRestored: true }, options);
  } catch (error) {
    if (!(error instanceof BackupError) || error.reason.kind !== "vm-obstacle") throw error;
    // Of these it is not known whether they will still be there.
    const isOfNow = ["own-overlay", "definition-differs", "no-overlay-folder", "unreadable-image"];
    if (isOfNow.includes(error.reason.obstacle.kind)) return undefined;
    throw error;
  }
}

function foresee(
  { facts, session, settings }: ChosenVm,
  found: Pick<FoundVm, "vm" | "wasRestored">,
  options: FateOptions,
): PlannedBackup {
  const { request, here, store } = options;
  const { host } = session;
  const plan = planVm({ host, facts, ...found }, { settings, newName: request.newName, here });
  const backup = foreseeBackup(plan, {
    store: store?.directory,
    overlayDirectory: settings.overlayDirectory,
    planCopy: (...args) => session.planCopy(...args),
  });
  const { copyBytes: neededBytes } = backup;
  if (store === undefined || neededBytes <= store.freeBytes) return backup;
  const { directory, freeBytes } = store;
  throw new BackupError({ kind: "store-full", store: directory, neededBytes, freeBytes });
}
