// The VMs as every fault finds them: both run and write, and the victim comes first.

import type { LabHost } from "../lab/lab-host.ts";
import { stateOf } from "../lab/vm-state.ts";
import { vmKinds } from "../lab/vm-kinds.ts";
import { smallFolder } from "./small-file-system.ts";
import { other, victim } from "./subjects.ts";

/**
 * Starts what does not run and waits until both write. A run takes the VMs in libvirt's order, which is that of their
 * start: so the other VM is started anew when the victim was.
 */
export async function startSubjects(host: LabHost): Promise<void> {
  if ((await stateOf(host, victim)) !== "running") await host.check(["virsh", "start", victim]);
  if ((await idOf(host, other)) < (await idOf(host, victim))) {
    await host.run(["virsh", "destroy", other]);
    await host.check(["virsh", "start", other]);
  }
  await Promise.all([host.waitForGuest(victim), host.waitForGuest(other)]);
}

/** Makes both anew, with new disks, on a host that was booted: whatever hung or was left there is gone. */
export async function remakeSubjects(host: LabHost): Promise<void> {
  await host.kill();
  await host.start();
  await host.check(["sh", "-c", forgetAll]);
  await host.defineVm(vmKinds.db);
  await host.defineVm(vmKinds.web);
}

/**
 * Overlays and guards of VMs that are no more would be taken for leftovers, and what their guests said for the words of
 * the new ones, which begin to count anew.
 */
const forgetAll = `
rm -rf /var/lib/virtfold ${smallFolder} ${smallFolder}.image
find /var/lib/libvirt/images -name '*.virtfold-*' -delete
for vm in ${victim} ${other}; do rm -f "/var/log/libvirt/serial/$vm.log"; done`;

/** Libvirt's number of a VM that runs; 0 when it does not. */
async function idOf(host: LabHost, vm: string): Promise<number> {
  return Number((await host.run(["virsh", "domid", vm])).stdout.trim()) || 0;
}
