// How far a run is as a whole: VMs done, bytes copied and how fast, and about how long the rest will take.

import type { FleetStatus, VmStatus } from "./fleet-status.ts";
import { formatBytes, formatSeconds } from "./format.ts";
import { recentRate } from "./recent-rate.ts";

/** How far a run is. */
export interface FleetProgress {
  readonly doneVms: number;
  readonly allVms: number;
  /** Bytes so far, the rate of late, and the time left, as far as anything is known of them. */
  readonly detail: string;
}

/**
 * Follows a run from this moment on; each look tells how far it is then. Times in milliseconds. The time left is
 * foretold from the VMs that are done: how much of the others there is to copy, nobody has asked yet.
 */
export function followFleet(startedAt: number): (status: FleetStatus, now: number) => FleetProgress {
  const rateOf = recentRate();
  let bytes = 0;
  return (status, now) => {
    const vms = [...status.vms.values()];
    const doneVms = vms.filter(
      ({ outcome, refusal }) => outcome !== undefined || refusal !== undefined,
    ).length;
    bytes = Math.max(
      bytes,
      vms.reduce((total, vm) => total + copiedBytes(vm), 0),
    );
    const rate = rateOf(bytes, now);
    const left = (((now - startedAt) / 1000) * (vms.length - doneVms)) / doneVms;
    const words = [
      bytes > 0 ? `${formatBytes(bytes)}${rate > 0 ? `, ${formatBytes(rate)}/s` : ""}` : undefined,
      doneVms > 0 && doneVms < vms.length ? `${formatLeft(left)} left` : undefined,
    ];
    const detail = words.filter((word) => word !== undefined).join(", ");
    return { doneVms, allVms: vms.length, detail };
  };
}

/** Nobody knows it to the second. */
function formatLeft(seconds: number): string {
  return formatSeconds(seconds < 60 ? Math.round(seconds / 5) * 5 + 5 : Math.ceil(seconds / 60) * 60).replace(
    / 00 s$/,
    "",
  );
}

/** A disk that has arrived is among the copied ones as soon as that is told of. */
function copiedBytes({ step, copiedBytes: whole, doneBytes, totalBytes }: VmStatus): number {
  return step === "copy-disks" && doneBytes < totalBytes ? whole + doneBytes : whole;
}
