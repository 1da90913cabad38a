// A small VM of a test's own, to be brought into states that no other test should meet.

import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { LabHost } from "../../lab/lab-host.ts";
import type { VmSpec } from "../../lab/vm-spec.ts";
import { stateOf } from "../../lab/vm-state.ts";

/** A small running VM with one disk in a folder of its own, `/srv/<name>`. */
export function subjectVm(name: string, changes: Partial<VmSpec> = {}): VmSpec {
  const disk = {
    target: "vda",
    path: `/srv/${name}/${name}.qcow2`,
    format: "qcow2",
    sizeMib: 64,
    payloadMib: 2,
  } as const;
  return { name, running: true, disks: [disk], ...changes };
}

/** Makes the VM anew, started when its description says so, and waits for its guest. */
export async function makeSubject(host: LabHost, spec: VmSpec): Promise<void> {
  await host.defineVm(spec);
  if (spec.running) await host.waitForGuest(spec.name, { agent: spec.agent !== false });
}

/** Takes the VM away with its folder; harmless when there is none. */
export async function removeSubject(host: LabHost, { name, disks }: VmSpec): Promise<void> {
  await host.run(["virsh", "destroy", name]);
  const { code, stderr } = await host.run([
    "virsh",
    "undefine",
    "--managed-save",
    "--nvram",
    "--snapshots-metadata",
    "--checkpoints-metadata",
    name,
  ]);
  // Without its disks it would be in the way of every test after this one.
  if (code !== 0 && (await stateOf(host, name)) !== undefined)
    throw new Error(`Cannot remove VM "${name}" from ${host.name}: ${stderr.trim()}`);
  for (const { path } of disks) await rm(dirname(host.path(path)), { recursive: true, force: true });
}
