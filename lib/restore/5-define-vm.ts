// Step 5: gives the files their names, and libvirt the VM with its snapshots.

import type { Guard } from "../backup/ports.ts";
import { parseDomain } from "../hypervisor/domain-xml.ts";
import { virsh } from "../hypervisor/virsh.ts";
import { BackupError } from "../model/failure.ts";
import type { RestorePlan } from "../model/restore.ts";
import type { CompleteImages } from "./4-write-devices.ts";
import { commandFailed } from "./command-failed.ts";
import { grantAccess } from "./grant-access.ts";
import { revealTpmFolder } from "./tpm-state.ts";
import { takePlace } from "./take-place.ts";
import type { RestorePorts } from "./ports.ts";

declare const defined: unique symbol;

/** A VM that libvirt knows with all that belongs to it. Only defineVm makes these, and only these are kept. */
export interface DefinedVm {
  readonly [defined]: true;
}

const defineSeconds = 120;

// mv without -T would put the folder into one of that name.
const reveal = `[ ! -e "$2" ] && [ ! -L "$2" ] || { echo "$2 exists" >&2; exit 17; }
chmod 711 -- "$1" && mv -T -- "$1" "$2" && { sync -- "\${2%/*}" 2>/dev/null || sync; }`;

/**
 * Defines the VM from verified images, then its snapshots, parents before children.
 * @throws BackupError `define-failed`, `command-failed`, `unexpected-answer`.
 */
export async function defineVm(
  plan: RestorePlan,
  { guard }: { readonly guard: Guard; readonly images: CompleteImages },
  ports: RestorePorts,
): Promise<DefinedVm> {
  const { uuid, name } = plan.vm;
  await grantAccess(plan, guard, ports);
  if (plan.original === undefined) await revealFolder(plan, guard, ports);
  else await takePlace(plan, guard, ports);
  await revealTpmFolder(plan, guard, ports);
  const commands = virsh(plan.host.uri);
  await guard.record([{ verb: "undefine-created", uuid, name }]);
  const own = await guard.change(commands.define(guard.definitionPath), { deadlineSeconds: defineSeconds });
  if (own.code !== 0) throw defineFailed(plan, undefined, own.stderr);
  await checkDefined(plan, ports);
  for (const [index, { name: snapshot, xml, isCurrent }] of plan.snapshots.entries()) {
    const file = await guard.placeFile(`snapshot-${index}.xml`, xml);
    const command = commands.redefineSnapshot(uuid, { file, isCurrent });
    const result = await guard.change(command, { deadlineSeconds: defineSeconds });
    if (result.code !== 0) throw defineFailed(plan, snapshot, result.stderr);
  }
  if (plan.original?.startsWithHost === true) {
    const result = await guard.change(commands.startWithHost(uuid));
    if (result.code !== 0) throw commandFailed(plan, "virsh autostart", result);
  }
  ports.emit({ kind: "vm-defined", name, snapshots: plan.snapshots.length });
  return {} as DefinedVm;
}

/** A folder is known by its identity from here on: what is undone is a rename of this very one. */
async function revealFolder(plan: RestorePlan, guard: Guard, ports: RestorePorts): Promise<void> {
  const { path, stagedPath } = plan.folder;
  const look = await ports.shell.run(["stat", "-c", "%d:%i", "--", stagedPath]);
  const identity = look.stdout.trim();
  if (look.code !== 0) throw commandFailed(plan, "stat", look);
  await guard.record([{ verb: "move-back", uuid: plan.vm.uuid, now: path, was: stagedPath, identity }]);
  const moved = await guard.change(["sh", "-c", reveal, "sh", stagedPath, path]);
  if (moved.code === 17)
    throw new BackupError({
      ...{ kind: "restore-misfit", host: plan.host.name, vm: plan.vm.name },
      misfits: [{ kind: "folder-taken", path }],
    });
  if (moved.code !== 0) throw commandFailed(plan, "mv", moved);
}

/** libvirt may have changed what it does not understand: what it says now must be the VM that was meant. */
async function checkDefined(plan: RestorePlan, ports: RestorePorts): Promise<void> {
  const result = await ports.shell.run(virsh(plan.host.uri).dumpInactiveXml(plan.vm.uuid));
  if (result.code !== 0) throw defineFailed(plan, undefined, result.stderr);
  const describe = (xml: string): string => {
    const { name, uuid, disks } = parseDomain(xml);
    return JSON.stringify([name, uuid, disks.map(({ kind, target, path }) => [kind, target, path ?? ""])]);
  };
  if (describe(result.stdout) !== describe(plan.definition))
    throw defineFailed(plan, undefined, "libvirt has made another VM of the definition");
}

function defineFailed(plan: RestorePlan, snapshot: string | undefined, stderr: string): BackupError {
  const detail = stderr.trim().split("\n").at(-1) ?? "";
  return new BackupError({ kind: "define-failed", host: plan.host.name, vm: plan.vm.name, snapshot, detail });
}
