// Events → where everything stands. A pure fold; bars and summary read it.

import type { Event, Outcome, StepName, VmEvent } from "../model/event.ts";
import type { FailureReason } from "../model/failure.ts";

/** Where one VM's backup stands. */
export interface VmStatus {
  readonly host: string;
  readonly vm: string;
  readonly step: StepName | undefined;
  /** What moves now: a disk being copied, folded back or checked. */
  readonly item: string | undefined;
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** Bytes of disks that are copied already. */
  readonly copiedBytes: number;
  /** What a person runs on the host to restore it; undefined while there is nothing to undo. */
  readonly undoCommand: string | undefined;
  readonly startedAt: Date | undefined;
  readonly endedAt: Date | undefined;
  readonly outcome: Outcome | undefined;
  readonly refusal: FailureReason | undefined;
}

/** Where the whole run stands. */
export interface FleetStatus {
  /** By `host` and `vm`, in order of appearance. */
  readonly vms: ReadonlyMap<string, VmStatus>;
  readonly failedHosts: ReadonlyMap<string, FailureReason>;
  /** Hosts whose VMs are known. */
  readonly surveyedHosts: ReadonlySet<string>;
}

export const emptyFleet: FleetStatus = {
  vms: new Map(),
  failedHosts: new Map(),
  surveyedHosts: new Set(),
};

/** The status after one more event; the given status stays as it was. */
export function fleetStatus(status: FleetStatus, event: Event & { readonly at?: Date }): FleetStatus {
  switch (event.kind) {
    case "vms-chosen": {
      const surveyed = { ...status, surveyedHosts: new Set([...status.surveyedHosts, event.host]) };
      const { host } = event;
      return event.vms.reduce<FleetStatus>(
        (before, vm) => withVm(before, { host, vm }, (same) => same),
        surveyed,
      );
    }
    case "host-failed":
      return { ...status, failedHosts: new Map([...status.failedHosts, [event.host, event.reason]]) };
    case "vm-refused":
      return withVm(status, event, (vm) => ({ ...vm, refusal: event.reason }));
    case "vm":
      return withVm(status, event, (vm) => vmStatus(vm, event.event, event.at));
    default:
      return status;
  }
}

/** Where a VM's backup stands; undefined for one that no event was about. */
export function statusOfVm(
  { vms }: FleetStatus,
  { host, vm }: { readonly host: string; readonly vm: string },
): VmStatus | undefined {
  return vms.get(keyOf(host, vm));
}

function withVm(
  status: FleetStatus,
  { host, vm }: { readonly host: string; readonly vm: string },
  change: (vm: VmStatus) => VmStatus,
): FleetStatus {
  const key = keyOf(host, vm);
  const before = status.vms.get(key) ?? { ...fresh, host, vm };
  const after = change(before);
  return after === before && status.vms.has(key)
    ? status
    : { ...status, vms: new Map(status.vms).set(key, after) };
}

function keyOf(host: string, vm: string): string {
  return `${host}\0${vm}`;
}

const fresh: Omit<VmStatus, "host" | "vm"> = {
  step: undefined,
  item: undefined,
  doneBytes: 0,
  totalBytes: 0,
  copiedBytes: 0,
  undoCommand: undefined,
  startedAt: undefined,
  endedAt: undefined,
  outcome: undefined,
  refusal: undefined,
};

function vmStatus(vm: VmStatus, event: VmEvent, at: Date | undefined): VmStatus {
  switch (event.kind) {
    case "vm-started":
      return { ...vm, startedAt: at };
    case "step-started":
      return { ...vm, step: event.step, item: undefined, doneBytes: 0, totalBytes: 0 };
    case "guard-armed":
      return { ...vm, undoCommand: event.command };
    case "host-restored":
      return { ...vm, undoCommand: undefined };
    case "copy-started":
      return { ...vm, item: event.target, doneBytes: 0, totalBytes: event.totalBytes };
    case "copy-progress":
      return { ...vm, doneBytes: event.bytes, totalBytes: event.totalBytes };
    case "copy-finished":
      return { ...vm, doneBytes: event.bytes, copiedBytes: vm.copiedBytes + event.bytes };
    case "fold-progress":
      return { ...vm, item: event.target, doneBytes: event.percent, totalBytes: 100 };
    case "verify-progress":
      return { ...vm, item: event.fileName, doneBytes: event.bytes, totalBytes: event.totalBytes };
    case "vm-finished":
      return { ...vm, outcome: event.outcome, endedAt: at };
    default:
      return vm;
  }
}
