// Which VMs of a host to back up. Pure.

import type { HostFacts, UnreadableVm, VmFacts } from "../model/vm.ts";

/** The VMs chosen, those of them that cannot be read, and names that no VM has. */
export interface VmSelection {
  readonly chosen: readonly VmFacts[];
  readonly unreadable: readonly UnreadableVm[];
  readonly missing: readonly string[];
}

/** All VMs, or those with the wanted names or UUIDs, each once and in the host's order. */
export function selectVms(
  { vms, unreadable }: Pick<HostFacts, "vms" | "unreadable">,
  wanted: readonly string[] | undefined,
): VmSelection {
  if (wanted === undefined) return { chosen: vms, unreadable, missing: [] };
  const isWanted = (vm: VmFacts | UnreadableVm): boolean => wanted.some((text) => isCalled(vm, text));
  return {
    chosen: vms.filter(isWanted),
    unreadable: unreadable.filter(isWanted),
    missing: [...new Set(wanted)].filter((text) => ![...vms, ...unreadable].some((vm) => isCalled(vm, text))),
  };
}

function isCalled(vm: VmFacts | UnreadableVm, text: string): boolean {
  return vm.name === text || vm.uuid === text;
}
