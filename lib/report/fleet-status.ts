// Events → where everything stands; bars and summary read it.

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
  /** What came over the link for them. */
  readonly sentBytes: number;
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

/** A status that follows events. */
export interface LiveStatus {
  /** Where everything stands now: it goes on changing. */
  readonly status: FleetStatus;
  /** Costs the same however many VMs there are. */
  readonly take: (event: Event & { readonly at?: Date }) => void;
}

/** Follows the events of a run from its beginning. */
export function followEvents(): LiveStatus {
  const vms = new Map<string, VmStatus>();
  const failedHosts = new Map<string, FailureReason>();
  const surveyedHosts = new Set<string>();
  const change = ({ host, vm }: VmName, changed: (vm: VmStatus) => VmStatus): void => {
    const key = keyOf(host, vm);
    vms.set(key, changed(vms.get(key) ?? { ...fresh, host, vm }));
  };
  return {
    status: { vms, failedHosts, surveyedHosts },
    take(event) {
      switch (event.kind) {
        case "vms-chosen":
          surveyedHosts.add(event.host);
          for (const vm of event.vms) change({ host: event.host, vm }, (same) => same);
          break;
        case "host-failed":
          failedHosts.set(event.host, event.reason);
          break;
        case "vm-refused":
          change(event, (vm) => ({ ...vm, refusal: event.reason }));
          break;
        case "vm":
          change(event, (vm) => vmStatus(vm, event.event, event.at));
          break;
        default:
      }
    },
  };
}

/** Where everything stands after these events. */
export function statusAfter(events: Iterable<Event & { readonly at?: Date }>): FleetStatus {
  const live = followEvents();
  for (const event of events) live.take(event);
  return live.status;
}

/** Where a VM's backup stands; undefined for one that no event was about. */
export function statusOfVm({ vms }: FleetStatus, { host, vm }: VmName): VmStatus | undefined {
  return vms.get(keyOf(host, vm));
}

interface VmName {
  readonly host: string;
  readonly vm: string;
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
  sentBytes: 0,
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
      return {
        ...vm,
        doneBytes: event.bytes,
        copiedBytes: vm.copiedBytes + event.bytes,
        sentBytes: vm.sentBytes + event.sentBytes,
      };
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
