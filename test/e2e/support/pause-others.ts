// The guests of a laboratory that a test does not look at: emulated, each costs processor time by just being there.

import type { Lab } from "../../lab/lab.ts";

/** The VMs that this process has asked for, by host. */
const asked = new Map<string, Set<string>>();

/**
 * Pauses the running VMs of all hosts that are up, except these of this host and those that were asked for before. They
 * run again when a test asks for them.
 */
export async function pauseOthers(
  lab: Lab,
  { host, vms }: { readonly host: string; readonly vms: readonly string[] },
): Promise<void> {
  const ofHost = asked.get(host) ?? new Set();
  asked.set(host, ofHost);
  for (const vm of vms) ofHost.add(vm);
  for (const one of lab.hosts) {
    if (!(await one.isUp())) continue;
    const running = (await one.check(["virsh", "list", "--name", "--state-running"])).split("\n");
    for (const vm of running.filter((name) => name !== "" && asked.get(one.name)?.has(name) !== true))
      await one.check(["virsh", "suspend", "--domain", vm]);
  }
}
