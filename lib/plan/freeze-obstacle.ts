// Whether the guest agent will be asked to freeze the file systems. Pure.

import type { VmBackupPlan } from "../model/plan.ts";

/** Why it will not, as far as that is known beforehand; undefined when the agent will be asked. */
export function freezeObstacle(
  plan: Pick<VmBackupPlan, "quiesce" | "wasPaused" | "hasAgent">,
): string | undefined {
  if (plan.quiesce === "never") return "--quiesce never";
  if (plan.wasPaused) return "the VM is paused";
  return plan.hasAgent ? undefined : "no guest agent";
}
