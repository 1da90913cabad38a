// What a person must know when the program leaves at once, in the middle of backups. Pure.

import type { FleetStatus, VmStatus } from "./fleet-status.ts";
import { harmless } from "./wording.ts";

/** Lines that name each VM whose host may still have something to undo, and the command that undoes it. */
export function describeLeaving(signal: string, status: FleetStatus): readonly string[] {
  const left = [...status.vms.values()].filter((vm) => vm.undoCommand !== undefined);
  if (left.length === 0) return [`${signal} again: leaving at once; no host has anything to undo`];
  return [
    `${signal} again: leaving at once. Never delete an overlay by hand; to restore the hosts:`,
    ...left.map(line),
  ];
}

function line({ host, vm, undoCommand }: VmStatus): string {
  return `${harmless(host)}/${harmless(vm)} may still be on an overlay: run on ${harmless(host)}: ${harmless(undoCommand ?? "")}`;
}
