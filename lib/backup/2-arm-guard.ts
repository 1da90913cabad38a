// Step 2: arms the host's own safety net and tells it what it must undo, before there is anything to undo.

import type { VmBackupPlan } from "../model/plan.ts";
import type { Guard, Ports } from "./ports.ts";

/** Arms the guard of a running VM; undefined for one that is shut off, since nothing changes on its host. */
export async function armGuard(plan: VmBackupPlan, ports: Ports): Promise<Guard | undefined> {
  if (!plan.wasActive) return undefined;
  const guard = await ports.armGuard();
  ports.emit({ kind: "guard-armed", command: guard.restoreCommand });
  return guard;
}
