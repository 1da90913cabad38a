// The report of a run → what is left to be done of it. Pure.

import type { RunReport, VmResult, VmResultKind } from "./run-result-schema.ts";

/** A host, and which of its VMs to back up again. */
export interface Unfinished {
  /** Its name. */
  readonly host: string;
  /** As the run was given it. */
  readonly target: string;
  /** Undefined for all. */
  readonly vms: readonly string[] | undefined;
}

const isDone: { readonly [Result in VmResultKind]: boolean } = {
  ok: true,
  degraded: true,
  failed: false,
  refused: false,
  interrupted: false,
  bug: false,
  "not-reached": false,
};

/**
 * What failed, was refused, was interrupted or was not reached. Of a run that was killed nobody knows how far it came:
 * then that is all it was asked for.
 */
export function whatFailed({ hosts, vms }: RunReport): readonly Unfinished[] {
  return hosts.flatMap((host): Unfinished[] => {
    const of: readonly VmResult[] = vms.filter((vm) => vm.host === host.host);
    // A host that failed after its VMs were known has told of each of them.
    if (!host.isSurveyed) return [{ host: host.host, target: host.target, vms: host.vms }];
    const left = of.filter(({ result }) => !isDone[result]).map(({ vm }) => vm);
    return left.length === 0 ? [] : [{ host: host.host, target: host.target, vms: left }];
  });
}
