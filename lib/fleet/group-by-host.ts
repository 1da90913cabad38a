// Targets → each host once.

import type { Target } from "../config/target.ts";
import type { Host } from "../model/host.ts";

/** A host, and which of its VMs are meant. */
export interface HostGroup {
  readonly host: Host;
  /** Names of VMs asked for; undefined for all. */
  readonly vms: readonly string[] | undefined;
}

/** The hosts of these targets, in order of appearance; a host alone means all its VMs, whatever else names it. */
export function groupByHost(targets: readonly Target[]): readonly HostGroup[] {
  const groups = new Map<string, { host: Host; vms: string[] | undefined }>();
  for (const { host, vm } of targets) {
    const group = groups.get(host.name);
    if (group === undefined) groups.set(host.name, { host, vms: vm === undefined ? undefined : [vm] });
    else if (vm === undefined) group.vms = undefined;
    else group.vms?.push(vm);
  }
  return [...groups.values()];
}
