// The VMs as every fault finds them: all run and write, and they are backed up in the order that is wanted.

import type { LabHost } from "../lab/lab-host.ts";
import { stateOf } from "../lab/vm-state.ts";
import { vmKinds } from "../lab/vm-kinds.ts";
import { smallFolder } from "./small-file-system.ts";
import type { VmKind } from "./subjects.ts";

/**
 * Starts what does not run and waits until all write. A run takes the VMs in libvirt's order, which is that of their
 * start: so one is started anew when one that comes before it was.
 */
export async function startSubjects(host: LabHost, vms: readonly VmKind[]): Promise<void> {
  let before = 0;
  for (const vm of vms) {
    if ((await stateOf(host, vm)) !== "running") await host.check(["virsh", "start", vm]);
    if ((await idOf(host, vm)) < before) {
      await host.run(["virsh", "destroy", vm]);
      await host.check(["virsh", "start", vm]);
    }
    before = await idOf(host, vm);
  }
  await Promise.all(vms.map((vm) => host.waitForGuest(vm)));
}

/** Makes all anew, with new disks, on a host that was booted: whatever hung or was left there is gone. */
export async function remakeSubjects(host: LabHost, vms: readonly VmKind[]): Promise<void> {
  await host.kill();
  await host.start();
  await host.check(["sh", "-c", forgetAll, "sh", ...vms]);
  for (const vm of vms) await host.defineVm(vmKinds[vm]);
}

/**
 * Overlays and guards of VMs that are no more would be taken for leftovers, and what their guests said for the words of
 * the new ones, which begin to count anew.
 */
const forgetAll = `
rm -rf /var/lib/virtfold ${smallFolder} ${smallFolder}.image
find /var/lib/libvirt/images -name '*.virtfold-*' -delete
for vm; do rm -f "/var/log/libvirt/serial/$vm.log"; done`;

/** Libvirt's number of a VM that runs. */
async function idOf(host: LabHost, vm: string): Promise<number> {
  return Number(await host.check(["virsh", "domid", vm]));
}
