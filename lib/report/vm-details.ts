// What a VM is at: its step, what moves, how fast, what it waits for. For a line as long as there is room.

import type { StepName, VmEvent } from "../model/event.ts";
import type { VmStatus } from "./fleet-status.ts";
import { formatBytes } from "./format.ts";
import { recentRate } from "./recent-rate.ts";

const stepWords: { readonly [Step in StepName]: string } = {
  "inspect-vm": "inspecting",
  "arm-guard": "arming guard",
  "take-snapshot": "snapshot",
  "copy-disks": "copying",
  "restore-host": "folding back",
  "verify-copies": "verifying",
  "publish-backup": "publishing",
};

/** What is remembered of VMs at work, besides where they stand. */
export interface VmDetails {
  /** Takes notice of what happened to a VM. */
  note(key: string, event: VmEvent): void;
  /** What it is at, in words: the longest first. */
  texts(key: string, vm: VmStatus): readonly string[];
}

/** Details of VMs by a key of their own; `clock` tells milliseconds. */
export function vmDetails(clock: () => number): VmDetails {
  const rates = new Map<string, ReturnType<typeof recentRate>>();
  const pauses = new Map<string, number>();
  return {
    note(key, event) {
      if (event.kind === "copy-broken") pauses.set(key, event.pauseSeconds);
      else if (event.kind === "copy-progress" || event.kind === "step-started") pauses.delete(key);
      // Each disk has a rate of its own.
      if (event.kind === "copy-started" || event.kind === "step-started") rates.set(key, recentRate());
      if (event.kind !== "vm-finished") return;
      rates.delete(key);
      pauses.delete(key);
    },
    texts(key, vm) {
      const pause = pauses.get(key);
      const step = vm.step === undefined ? "waiting" : stepWords[vm.step];
      if (vm.item === undefined) return [step];
      if (pause !== undefined) return [`${vm.item}: link broken, again in ${pause} s`];
      if (vm.step !== "copy-disks") return [`${step} ${vm.item}${amountOf(vm)}`, `${step} ${vm.item}`];
      const bytesPerSecond = rates.get(key)?.(vm.doneBytes, clock()) ?? 0;
      const rate = bytesPerSecond > 0 ? `, ${formatBytes(bytesPerSecond)}/s` : "";
      return [`${step} ${vm.item}${amountOf(vm)}${rate}`, `${step} ${vm.item}${rate}`];
    },
  };
}

/** Folding back is told of in hundredths. */
function amountOf({ step, doneBytes, totalBytes }: VmStatus): string {
  return step === "restore-host" ? "" : ` ${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`;
}
