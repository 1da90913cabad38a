// The state of an emulated TPM on its host: in a folder that nothing else uses, which gets its name as a whole.

import type { Guard } from "../backup/ports.ts";
import { grantCommand } from "../hypervisor/file-access.ts";
import type { FileAccess } from "../model/file-access.ts";
import type { RestorePlan, TpmFolder } from "../model/restore.ts";
import { commandFailed } from "./command-failed.ts";
import { moveAway } from "./move-away.ts";
import type { CopyPorts } from "./ports.ts";

// The folder of all such states is libvirt's own: it makes it at the first start of a VM that has one.
const make = `parent=\${1%/*}
[ -d "$parent" ] || mkdir -m 0711 -- "$parent" || exit
mkdir -m 0711 -- "$1" && mkdir -m 0700 -- "$1/$2"`;

/** Makes the folders, under a name of ours. */
export async function makeTpmFolder(
  plan: RestorePlan,
  { stagedPath, inner }: TpmFolder,
  guard: Guard,
): Promise<void> {
  const { uuid } = plan.vm;
  await guard.record([
    { verb: "remove-created", uuid, path: stagedPath },
    { verb: "remove-created", uuid, path: `${stagedPath}/${inner}` },
  ]);
  const made = await guard.change(["sh", "-c", make, "sh", stagedPath, inner]);
  if (made.code !== 0) throw commandFailed(plan, "mkdir", made);
}

/** The folder is theirs whose the file is; libvirt sees to that once more when the VM starts. */
export async function grantTpmFolder(
  { tpmFolder }: RestorePlan,
  access: FileAccess,
  guard: Guard,
): Promise<void> {
  if (tpmFolder === undefined) return;
  const { stagedPath, inner } = tpmFolder;
  await guard.change(grantCommand(`${stagedPath}/${inner}`, { ...access, mode: "0700" }));
}

const settle = `sync -- "$1/$2" "$1" 2>/dev/null || sync`;

/** Gives the folder the name that libvirt looks for. @throws BackupError `restore-misfit`, `command-failed`. */
export async function revealTpmFolder(plan: RestorePlan, guard: Guard, ports: CopyPorts): Promise<void> {
  if (plan.tpmFolder === undefined) return;
  const { path, stagedPath, inner } = plan.tpmFolder;
  const settled = await guard.change(["sh", "-c", settle, "sh", stagedPath, inner]);
  if (settled.code !== 0) throw commandFailed(plan, "sync", settled);
  await moveAway(plan, { uuid: plan.vm.uuid, was: stagedPath, now: path }, { guard, ports });
}
