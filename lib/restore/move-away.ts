// One rename on the host that the guard can take back.

import type { Guard } from "../backup/ports.ts";
import { BackupError } from "../model/failure.ts";
import type { RestorePlan } from "../model/restore.ts";
import { commandFailed } from "./command-failed.ts";
import type { CopyPorts } from "./ports.ts";

const takenCode = 17;
// mv without -T would put a file into a folder of that name.
const rename = `[ ! -e "$2" ] && [ ! -L "$2" ] || { echo "$2 exists" >&2; exit ${takenCode}; }
mv -T -- "$1" "$2" && { sync -- "\${2%/*}/" 2>/dev/null || sync; }`;

/** Gives a file or folder another name, unless something has that. @throws BackupError `restore-misfit`, `command-failed`. */
export async function moveAway(
  plan: RestorePlan,
  { uuid, was, now }: { readonly uuid: string; readonly was: string; readonly now: string },
  { guard, ports }: { readonly guard: Guard; readonly ports: CopyPorts },
): Promise<void> {
  const look = await ports.shell.run(["stat", "-c", "%d:%i", "--", was]);
  if (look.code !== 0) throw commandFailed(plan, "stat", look);
  await guard.record([{ verb: "move-back", uuid, now, was, identity: look.stdout.trim() }]);
  const moved = await guard.change(["sh", "-c", rename, "sh", was, now]);
  if (moved.code === takenCode) {
    const place = { kind: "restore-misfit", host: plan.host.name, vm: plan.vm.name } as const;
    throw new BackupError({ ...place, misfits: [{ kind: "path-taken", path: now }] });
  }
  if (moved.code !== 0) throw commandFailed(plan, "mv", moved);
}
