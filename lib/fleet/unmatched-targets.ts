// Targets that name several hosts and a VM that none of them has. Pure.

import type { HostRequest } from "../config/host-request.ts";
import type { FailureReason } from "../model/failure.ts";

/** What one host of a run turned out to have. */
export interface LookedAt {
  readonly request: HostRequest;
  /** Names of all its VMs. */
  readonly known: readonly string[];
  /** Names and patterns that were asked for and that no VM of it has. */
  readonly missing: readonly string[];
}

/** The failure for each such target. A host that could not be asked may have the VM: then nothing is said. */
export function unmatchedTargets(
  requests: readonly HostRequest[],
  looked: readonly LookedAt[],
): readonly { readonly vm: string; readonly reason: Extract<FailureReason, { kind: "no-vm-matches" }> }[] {
  const targets = new Map<string, string>();
  for (const { vms } of requests)
    for (const { text, sharedTarget } of vms ?? [])
      if (sharedTarget !== undefined) targets.set(sharedTarget, text);
  return [...targets].flatMap(([target, vm]) => {
    const named = requests.filter(({ vms }) => vms?.some((wish) => wish.sharedTarget === target) === true);
    const answers = named.map((request) => looked.find((one) => one.request === request));
    if (answers.some((answer) => answer?.missing.includes(vm) !== true)) return [];
    const known = [...new Set(answers.flatMap((answer) => answer?.known ?? []))];
    const hosts = named.map(({ host }) => host.name);
    return [{ vm, reason: { kind: "no-vm-matches", target, hosts, known } }];
  });
}
