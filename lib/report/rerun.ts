// The report of a run → what is left to be done of it. Pure.

import type { RunReport, VmResultKind } from "./run-result-schema.ts";

/** What to back up again: a host or some of its VMs, or a target that names several hosts. */
export type Unfinished =
  | {
      readonly kind: "host";
      /** Its name. */
      readonly host: string;
      /** As the run was given it. */
      readonly target: string;
      /** Undefined for all. */
      readonly vms: readonly string[] | undefined;
      /** Those of them that another host has already been found to have: this one need not. */
      readonly mayBeMissing: readonly string[];
    }
  | { readonly kind: "target"; readonly target: string };

/** Whether a name is what a pattern, or a plain name, of a command line means. */
export type NamePattern = (pattern: string, name: string) => boolean;

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
 * then that is all it was asked for. Whether a VM is the one that was asked for, `fits` tells.
 */
export function whatFailed(report: RunReport, fits: NamePattern): readonly Unfinished[] {
  const hosts = report.hosts.flatMap((host) => unfinishedOf(host, { report, fits }));
  // Of a target that no host had a VM for, the whole is asked again.
  const targets = [...hosts.flatMap(({ targets }) => targets), ...unmatchedIn(report)];
  return [
    ...hosts.flatMap(({ own }) => own),
    ...[...new Set(targets)].map((target): Unfinished => ({ kind: "target", target })),
  ];
}

type AskedHost = RunReport["hosts"][number];

interface Known {
  readonly report: RunReport;
  readonly fits: NamePattern;
}

function unfinishedOf(
  asked: AskedHost,
  known: Known,
): { readonly own: readonly Unfinished[]; readonly targets: readonly string[] } {
  const { host, target } = asked;
  if (asked.isSurveyed) {
    // A host that failed after its VMs were known has told of each of them.
    const left = known.report.vms.filter((vm) => vm.host === host && !isDone[vm.result]).map(({ vm }) => vm);
    return {
      own: left.length === 0 ? [] : [{ kind: "host", host, target, vms: left, mayBeMissing: [] }],
      targets: [],
    };
  }
  const { vms, shared = [], mayBeMissing = [] } = asked;
  const found = shared.filter((wish) => isFound(wish, known)).map(({ vm }) => vm);
  const lost = shared.filter(({ vm }) => !found.includes(vm));
  const left = vms?.filter((vm) => !lost.some((wish) => wish.vm === vm));
  const own: Unfinished = {
    kind: "host",
    host,
    target,
    vms: left,
    mayBeMissing: [...mayBeMissing, ...found],
  };
  return { own: left?.length === 0 ? [] : [own], targets: lost.map(({ target }) => target) };
}

/** Whether one of the hosts that the target names has such a VM. */
function isFound(
  wish: { readonly vm: string; readonly target: string },
  { report: { hosts, vms }, fits }: Known,
): boolean {
  const named = hosts.filter(({ shared }) => shared?.some(({ target }) => target === wish.target) === true);
  return vms.some(
    ({ host, vm }) => named.some((one) => one.isSurveyed && one.host === host) && fits(wish.vm, vm),
  );
}

/** Targets over several hosts that were refused, because none of these has such a VM: they belong to no host. */
function unmatchedIn({ vms }: RunReport): readonly string[] {
  return vms.flatMap(({ failure }) =>
    failure?.kind === "no-vm-matches" && typeof failure["target"] === "string" ? [failure["target"]] : [],
  );
}
