// Step 1: arms the host's own safety net, before there is anything to undo.

import type { Guard } from "../backup/ports.ts";
import type { CopyPorts } from "./ports.ts";

/** Arms a guard for the VM that is to be. */
export async function armGuard(ports: CopyPorts): Promise<Guard> {
  const guard = await ports.armGuard();
  ports.emit({ kind: "guard-armed", command: guard.restoreCommand });
  return guard;
}
