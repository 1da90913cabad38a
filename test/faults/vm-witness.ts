// A VM before a fault, so that a test can say afterwards that nothing of it was lost or changed.

import type { LabHost } from "../lab/lab-host.ts";
import { stateOf } from "../lab/vm-state.ts";

/** What a VM was like. */
export interface VmWitness {
  readonly vm: string;
  /** What libvirt writes down of the running VM: its process. */
  readonly processId: string;
  /** The definition for the next start, byte for byte. */
  readonly definition: string;
  /** The images of its disks, by target. */
  readonly images: string;
  readonly snapshots: string;
  /** The last number that its guest had written. */
  readonly sequence: number;
}

/** Looks at a VM that runs. */
export async function witnessVm(host: LabHost, vm: string): Promise<VmWitness> {
  const state = await stateOf(host, vm);
  if (state !== "running") throw new Error(`Cannot begin: ${vm} is ${state ?? "not there"}`);
  const [processId, definition, images, snapshots, sequence] = await Promise.all([
    processOf(host, vm),
    definitionOf(host, vm),
    imagesOf(host, vm, "live"),
    snapshotsOf(host, vm),
    host.guestSequence(vm),
  ]);
  return { vm, processId, definition, images, snapshots, sequence };
}

/** The QEMU process of a VM that runs. */
export async function processOf(host: LabHost, vm: string): Promise<string> {
  const text = await host.check(["cat", `/run/libvirt/qemu/${vm}.xml`]);
  return /<domstatus [^>]*\bpid='(\d+)'/.exec(text)?.[1] ?? "unknown";
}

/** The definition for the next start. */
export async function definitionOf(host: LabHost, vm: string): Promise<string> {
  return await host.check(["virsh", "dumpxml", "--inactive", "--security-info", vm]);
}

/** Targets and images, of the running VM or of the definition for the next start. */
export async function imagesOf(host: LabHost, vm: string, which: "live" | "inactive"): Promise<string> {
  return await host.check(["virsh", "domblklist", vm, ...(which === "inactive" ? ["--inactive"] : [])]);
}

/** The names of its snapshots. */
export async function snapshotsOf(host: LabHost, vm: string): Promise<string> {
  return await host.check(["virsh", "snapshot-list", "--name", vm]);
}
