import type { LabHost } from "./lab-host.ts";
import type { SnapshotTree } from "./vm-spec.ts";
import { startVm, stateOf } from "./vm-state.ts";

/** Gives a VM its internal snapshots, each with another state of the guest's disk, and leaves it at the current one. */
export async function growSnapshots(host: LabHost, vm: string, tree: SnapshotTree): Promise<void> {
  const nameOf = new Map<string | undefined, string>();
  let current: string | undefined;
  for (const step of tree.steps) {
    if (step.parent !== undefined && step.parent !== current) await revert(host, vm, nameOf.get(step.parent));
    await bringTo(host, vm, step.running);
    nameOf.set(step.name, await take(host, vm, step.name));
    current = step.name;
  }
  if (current !== tree.current) await revert(host, vm, nameOf.get(tree.current));
}

async function bringTo(host: LabHost, vm: string, running: boolean): Promise<void> {
  const runs = (await stateOf(host, vm)) === "running";
  if (runs && !running) await host.check(["virsh", "destroy", "--domain", vm]);
  if (!running) return;
  await startVm(host, vm);
  await host.waitForGuest(vm);
}

/**
 * Takes a snapshot and returns the name it got. libvirt 11.3 makes the name part of a QEMU job's id, so it cannot
 * snapshot a running VM under a name with spaces; such a snapshot gets hyphens.
 */
async function take(host: LabHost, vm: string, name: string): Promise<string> {
  const command = (text: string) => ["virsh", "snapshot-create-as", "--domain", vm, "--name", text] as const;
  if ((await host.run(command(name))).code === 0) return name;
  const plain = name.replaceAll(/[^A-Za-z0-9-]/g, "-");
  await host.check(command(plain));
  return plain;
}

async function revert(host: LabHost, vm: string, name: string | undefined): Promise<void> {
  if (name === undefined)
    throw new Error(`Cannot revert "${vm}": its tree names a snapshot that does not come earlier`);
  await host.check(["virsh", "snapshot-revert", "--domain", vm, "--snapshotname", name]);
}
