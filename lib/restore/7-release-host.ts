// Step 7: ends the guard. What was kept stays; when nothing was, everything goes. Always runs, and never throws.

import type { Guard } from "../backup/ports.ts";
import type { LeftOnHost } from "../model/guard.ts";
import type { RestorePorts } from "./ports.ts";

/** Has the guard undo whatever was not kept; returns what it could not undo. */
export async function releaseHost(
  guard: Guard,
  { isKept, lostDevices }: { readonly isKept: boolean; readonly lostDevices: readonly string[] },
  ports: RestorePorts,
): Promise<readonly LeftOnHost[]> {
  if (!isKept) ports.emit({ kind: "undoing" });
  const { left } = await guard.restore(() => undefined);
  if (left.length > 0) ports.emit({ kind: "left-on-host", left, command: guard.restoreCommand });
  else if (!isKept) ports.emit({ kind: "undone", lostDevices });
  return left;
}
