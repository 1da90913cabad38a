// Plans for tests: of VMs as build-vm-facts.ts makes them, unless told otherwise.

import { foreseeBackup } from "../../lib/fleet/foresee-backup.ts";
import type { FleetPlan, PlannedBackup, PlannedVm } from "../../lib/model/fleet-plan.ts";
import type { Host } from "../../lib/model/host.ts";
import type { VmFacts } from "../../lib/model/vm.ts";
import { planVmBackup, type BackupOptions } from "../../lib/plan/plan-vm-backup.ts";
import { buildHostFacts, buildVmFacts } from "./build-vm-facts.ts";

export const backupOptions: BackupOptions = {
  quiesce: "auto",
  compress: false,
  maxBackups: 6,
  overlayDirectory: undefined,
  newName: undefined,
  leaseSeconds: 120,
  overlayBudget: undefined,
  bandwidthLimit: 0,
  localQemuImg: "7.2.22",
};

/** What a backup of this VM would be. */
export function buildPlannedBackup(
  vm: VmFacts = buildVmFacts(),
  changes: Partial<BackupOptions> & { readonly wasRestored?: boolean } = {},
): PlannedBackup {
  const host: Host = { name: "kvm1", destination: "root@kvm1", uri: "qemu:///system" };
  const { wasRestored = false, ...others } = changes;
  const options = { ...backupOptions, ...others };
  const attempt = {
    now: new Date("2026-11-23T01:25:00Z"),
    random: Uint8Array.of(0xa1, 0xb2, 0xc3),
    newUuid: "11111111-2222-4333-8444-555555555555",
  };
  const plan = planVmBackup({ host, facts: buildHostFacts([vm]), vm, wasRestored }, options, attempt);
  return foreseeBackup(plan, {
    store: "/store",
    overlayDirectory: options.overlayDirectory,
    planCopy: ({ path }, { destination }) => ({ where: "here", command: ["rsync", path, destination] }),
  });
}

/** A VM that would be backed up. */
export function buildPlannedVm(backup = buildPlannedBackup()): PlannedVm {
  return { host: "kvm1", vm: backup.plan.vm.name, fate: { kind: "back-up", backup } };
}

/** A plan of these VMs, with a store that is large enough. */
export function buildFleetPlan(vms: readonly PlannedVm[], changes: Partial<FleetPlan> = {}): FleetPlan {
  return {
    ...{ store: { directory: "/store", freeBytes: 2 ** 40 }, vms, failedHosts: [], isComplete: true },
    ...changes,
  };
}
