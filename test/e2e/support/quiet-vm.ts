// A VM whose second disk nobody writes to: the guest finds no file system on it.

import { open, rm } from "node:fs/promises";
import type { LabHost } from "../../lab/lab-host.ts";
import type { VmSpec } from "../../lab/vm-spec.ts";
import { startVm } from "../../lab/vm-state.ts";

/** The VM as data; made and started by `makeQuietVm`. */
export const quietVm = {
  name: "quiet",
  running: false,
  disks: [
    { target: "vda", path: "/srv/quiet/system.qcow2", format: "qcow2", sizeMib: 64, payloadMib: 4 },
    { target: "vdb", path: "/srv/quiet/idle.raw", format: "raw", sizeMib: 64, payloadMib: 4 },
  ],
} as const satisfies VmSpec;

/** Makes and boots the VM on a host. */
export async function makeQuietVm(host: LabHost): Promise<void> {
  await host.defineVm(quietVm);
  await spoilFileSystem(host.path(quietVm.disks[1].path));
  await startVm(host, quietVm.name);
  await host.waitForGuest(quietVm.name);
}

/** Takes the VM away with its disks; harmless when there is none. */
export async function removeQuietVm(host: LabHost): Promise<void> {
  await host.run(["virsh", "destroy", quietVm.name]);
  await host.run(["virsh", "undefine", quietVm.name]);
  await rm(host.path("/srv/quiet"), { recursive: true, force: true });
}

/** Only the superblock goes, so that there is still something to compare. */
async function spoilFileSystem(path: string): Promise<void> {
  const image = await open(path, "r+");
  try {
    await image.write(Buffer.alloc(4096));
  } finally {
    await image.close();
  }
}
