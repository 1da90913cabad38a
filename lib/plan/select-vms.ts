// Which VMs of a host to back up. Pure.

import type { VmFacts } from "../model/vm.ts";

/** The VMs chosen, and names that no VM has. */
export interface VmSelection {
  readonly chosen: readonly VmFacts[];
  readonly missing: readonly string[];
}

/** All VMs, or those with the wanted names or UUIDs, each once and in the host's order. */
export function selectVms(vms: readonly VmFacts[], wanted: readonly string[] | undefined): VmSelection {
  if (wanted === undefined) return { chosen: vms, missing: [] };
  const matches = (vm: VmFacts, text: string): boolean => vm.name === text || vm.uuid === text;
  return {
    chosen: vms.filter((vm) => wanted.some((text) => matches(vm, text))),
    missing: [...new Set(wanted)].filter((text) => !vms.some((vm) => matches(vm, text))),
  };
}
