// What a person must know when the program leaves at once, in the middle of backups. Pure.

import { quoteArgument } from "../shell/command.ts";
import { commandLine } from "./command-line.ts";
import type { FleetStatus, VmStatus } from "./fleet-status.ts";
import { harmless } from "./wording.ts";

/**
 * Lines that say that the hosts restore themselves, and how to see whether they have; they name each VM whose host may
 * still have something to undo, and the command that undoes it sooner.
 */
export function describeLeaving(
  signal: string,
  status: FleetStatus,
  { leaseSeconds }: { readonly leaseSeconds: number },
): readonly string[] {
  const left = [...status.vms.values()].filter((vm) => vm.undoCommand !== undefined);
  if (left.length === 0) return [`${signal} again: leaving at once; no host has anything to undo`];
  const hosts = [...new Set(left.map(({ host }) => quoteArgument(harmless(host))))];
  return [
    `${signal} again: leaving at once. The guards on the hosts finish by themselves: they begin within ${leaseSeconds} s. Never delete an overlay by hand`,
    ...left.map(line),
    `To see whether they have finished, and to finish what they could not: ${commandLine("recover")} ${hosts.join(" ")}`,
  ];
}

function line({ host, vm, undoCommand }: VmStatus): string {
  return `${harmless(host)}/${harmless(vm)} may be on an overlay until then; sooner by hand, on ${harmless(host)}: ${harmless(undoCommand ?? "", Infinity)}`;
}
