// Keeps a VM that makes room: its definitions in a folder, its files under other names. Nothing of it is deleted.

import type { Guard } from "../backup/ports.ts";
import { virsh } from "../hypervisor/virsh.ts";
import type { ReplacedVm, RestorePlan } from "../model/restore.ts";
import { commandFailed } from "./command-failed.ts";
import { moveAway } from "./move-away.ts";
import type { RestorePorts } from "./ports.ts";

interface Means {
  readonly guard: Guard;
  readonly ports: RestorePorts;
}

const undefineSeconds = 120;

/** Afterwards libvirt does not know it any more. @throws BackupError `command-failed`, `restore-misfit`. */
export async function keepAside(plan: RestorePlan, replaced: ReplacedVm, means: Means): Promise<void> {
  const { guard, ports } = means;
  const { uuid, folder } = replaced;
  await guard.record([{ verb: "remove-created", uuid: plan.vm.uuid, path: folder }]);
  const made = await guard.change(["mkdir", "-m", "0700", "--", folder]);
  if (made.code !== 0) throw commandFailed(plan, "mkdir", made);
  for (const [fileName, text] of definitionFiles(replaced))
    await write(plan, { folder, fileName, text }, guard);
  await guard.record([{ verb: "define-back", uuid, folder }]);
  for (const { path, keptPath } of replaced.files)
    await moveAway(plan, { uuid, was: path, now: keptPath }, means);
  // Its variable store has another name by now, and stays.
  const command = virsh(plan.host.uri).undefine(uuid);
  const gone = await guard.change(command, { deadlineSeconds: undefineSeconds });
  if (gone.code !== 0) throw commandFailed(plan, "virsh undefine", gone);
  ports.emit({ kind: "kept-aside", replaced });
}

/** As guard.sh reads them: snapshots in the order of their names. */
export function definitionFiles(
  replaced: ReplacedVm,
): readonly (readonly [fileName: string, text: string])[] {
  const { definition, snapshots, startsWithHost } = replaced;
  const nameOf = (index: number): string => `snapshot-${String(index).padStart(5, "0")}.xml`;
  const current = snapshots.findIndex(({ isCurrent }) => isCurrent);
  return [
    ["definition.xml", definition],
    ...snapshots.map(({ xml }, index) => [nameOf(index), xml] as const),
    ...(current === -1 ? [] : [["current", `${nameOf(current)}\n`] as const]),
    ...(startsWithHost ? [["autostart", ""] as const] : []),
  ];
}

const copy = `umask 077; set -C; cat <"$1" >"$2" && { sync -- "$2" "\${2%/*}" 2>/dev/null || sync; }`;

/** By way of the guard's folder, since it may hold passwords and be longer than an argument can be. */
async function write(
  plan: RestorePlan,
  { folder, fileName, text }: { readonly folder: string; readonly fileName: string; readonly text: string },
  guard: Guard,
): Promise<void> {
  const path = `${folder}/${fileName}`;
  await guard.record([{ verb: "remove-created", uuid: plan.vm.uuid, path }]);
  const placed = await guard.placeFile("kept.new", text);
  const written = await guard.change(["sh", "-c", copy, "sh", placed, path]);
  if (written.code !== 0) throw commandFailed(plan, "cat", written);
}
