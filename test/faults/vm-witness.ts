// A VM before a fault, so that a test can say afterwards that nothing of it was lost or changed.

import { askVirsh } from "../lab/ask-virsh.ts";
import type { LabHost } from "../lab/lab-host.ts";

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
  const [{ state, definition, images, snapshots }, processId, sequence] = await Promise.all([
    lookAt(host, vm),
    processOf(host, vm),
    host.guestSequence(vm),
  ]);
  if (state !== "running") throw new Error(`Cannot begin: ${vm} is ${state}`);
  return { vm, processId, definition, images: images.live, snapshots, sequence };
}

/** The QEMU process of a VM that runs. */
export async function processOf(host: LabHost, vm: string): Promise<string> {
  const text = await host.check(["cat", `/run/libvirt/qemu/${vm}.xml`]);
  return /<domstatus [^>]*\bpid='(\d+)'/.exec(text)?.[1] ?? "unknown";
}

/** What libvirt tells of a VM. */
export interface VmSight {
  readonly state: string;
  /** For the next start, byte for byte. */
  readonly definition: string;
  /** While it runs, byte for byte. */
  readonly live: string;
  /** Targets and images, of the running VM and of the definition for the next start. */
  readonly images: { readonly live: string; readonly inactive: string };
  /** The names of its snapshots. */
  readonly snapshots: string;
}

/** Asks libvirt for all of it. */
export async function lookAt(host: LabHost, vm: string): Promise<VmSight> {
  const [state, definition, live, liveImages, inactive, snapshots] = await askVirsh(host, [
    ["domstate", vm],
    ["dumpxml", "--inactive", "--security-info", vm],
    ["dumpxml", vm],
    ["domblklist", vm],
    ["domblklist", "--inactive", vm],
    ["snapshot-list", "--name", vm],
  ]);
  for (const text of [definition, live])
    if (!/^<\/domain>$/m.test(text)) throw new Error(`Cannot see what libvirt tells of ${vm}`);
  return { state: state.trim(), definition, live, images: { live: liveImages, inactive }, snapshots };
}
