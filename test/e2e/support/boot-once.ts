// A VM that has run once: only then it has UEFI variables of its own, and something written on its disk.

import { stateOf } from "../../lab/vm-state.ts";
import type { LabHost } from "../../lab/lab-host.ts";
import { waitUntil } from "../../lab/wait-until.ts";
import { exists } from "../../lab/exists.ts";

/** Boots a VM that is shut off, lets its guest write, and shuts it down; does nothing when that has been done. */
export async function bootOnce(host: LabHost, vm: string): Promise<void> {
  if (await exists(host.path(variablesOf(vm)))) return;
  await host.check(["virsh", "start", vm]);
  await host.waitForGuest(vm);
  await host.check(["virsh", "shutdown", "--mode", "agent", vm]);
  await waitUntil(`"${vm}" is shut off`, { limitSeconds: 60 }, async () =>
    (await stateOf(host, vm)) === "shut off" ? true : undefined,
  );
}

/** Where the UEFI variables of a laboratory VM are. */
export function variablesOf(vm: string): string {
  return `/var/lib/libvirt/qemu/nvram/${vm}_VARS.fd`;
}
