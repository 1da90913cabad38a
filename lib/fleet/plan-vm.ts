// The plan of one VM's backup, for this moment.

import { randomBytes, randomUUID } from "node:crypto";
import type { HostSettings } from "../config/host-request.ts";
import type { ToolVersions } from "../model/host.ts";
import type { VmBackupPlan } from "../model/plan.ts";
import { planVmBackup, type FoundVm } from "../plan/plan-vm-backup.ts";

/** What a plan depends on besides what was found. */
export interface PlanOptions {
  readonly settings: HostSettings;
  readonly newName: string | undefined;
  /** Versions of what this machine has. */
  readonly here: ToolVersions;
}

/** Plans a VM's backup. @throws BackupError `vm-obstacle`. */
export function planVm(found: FoundVm, { settings, newName, here }: PlanOptions): VmBackupPlan {
  const attempt = { now: new Date(), random: randomBytes(3), newUuid: randomUUID() };
  return planVmBackup(found, { ...settings, newName, localQemuImg: here.qemuImg }, attempt);
}
