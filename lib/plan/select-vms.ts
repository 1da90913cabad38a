// Which VMs of a host to back up. Pure.

import { matchesGlob } from "../config/glob.ts";
import { isLeftOut, noVmRules, type VmRules } from "../config/vm-rules.ts";
import type { HostFacts, UnreadableVm, VmFacts } from "../model/vm.ts";

/** The VMs chosen, those of them that cannot be read, and what was asked for and is there or not. */
export interface VmSelection {
  readonly chosen: readonly VmFacts[];
  readonly unreadable: readonly UnreadableVm[];
  /** Names and patterns that no VM has. */
  readonly missing: readonly string[];
  /** Names of VMs that the inventory leaves out. */
  readonly leftOut: readonly string[];
}

/**
 * All VMs, or those with the wanted names, UUIDs or patterns, each once and in the host's order. What the inventory
 * leaves out is left out, except for VMs that are wanted by their very name.
 */
export function selectVms(
  { vms, unreadable }: Pick<HostFacts, "vms" | "unreadable">,
  wanted: readonly string[] | undefined,
  rules: VmRules = noVmRules,
): VmSelection {
  const isWanted = (vm: VmFacts | UnreadableVm): boolean =>
    wanted === undefined || wanted.some((text) => isCalled(vm, text));
  const isExcepted = (vm: VmFacts | UnreadableVm): boolean =>
    vm.name !== undefined &&
    isLeftOut(rules, vm.name) &&
    wanted?.some((text) => isExactly(vm, text)) !== true;
  const all = [...vms, ...unreadable];
  return {
    chosen: vms.filter((vm) => isWanted(vm) && !isExcepted(vm)),
    unreadable: unreadable.filter((vm) => isWanted(vm) && !isExcepted(vm)),
    missing: [...new Set(wanted)].filter((text) => !all.some((vm) => isCalled(vm, text))),
    leftOut: all.filter((vm) => isWanted(vm) && isExcepted(vm)).map(({ name, uuid }) => name ?? uuid),
  };
}

function isCalled(vm: VmFacts | UnreadableVm, text: string): boolean {
  return isExactly(vm, text) || (vm.name !== undefined && matchesGlob(text, vm.name));
}

function isExactly(vm: VmFacts | UnreadableVm, text: string): boolean {
  return vm.name === text || vm.uuid === text;
}
