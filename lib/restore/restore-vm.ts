// One VM's restore: eight steps in order. Read this file first.

import { underLease } from "../guard/under-lease.ts";
import { interruption } from "../shell/interruption.ts";
import { keepLease } from "../guard/lease.ts";
import type { LeftOnHost } from "../model/guard.ts";
import type { RestorePlan, RestoreStepName } from "../model/restore.ts";
import { armGuard } from "./1-arm-guard.ts";
import { pushImages } from "./2-push-images.ts";
import { verifyImages } from "./3-verify-images.ts";
import { writeDevices } from "./4-write-devices.ts";
import { defineVm } from "./5-define-vm.ts";
import { keepVm } from "./6-keep-vm.ts";
import { releaseHost } from "./7-release-host.ts";
import { startVm } from "./8-start-vm.ts";
import type { RestorePorts } from "./ports.ts";

/** What a restore came to, when it came to something. */
export interface RestoreResult {
  readonly leftOnHost: readonly LeftOnHost[];
  /** Why the VM does not run although it was to be started. */
  readonly startTrouble: string | undefined;
}

/**
 * Brings one VM back as another VM.
 *
 * Until it is kept, everything on the host is temporary, as in a backup: failure, a dead controller and a dead network
 * all end with the guard undoing it. So the host has the whole VM or nothing of it. What a block device held that is
 * written over is the one thing that nobody can bring back.
 *
 * @throws BackupError with the reason; what could not be undone on the host has been emitted as `left-on-host`.
 */
export async function restoreVm(plan: RestorePlan, ports: RestorePorts): Promise<RestoreResult> {
  const step = <T>(name: RestoreStepName, work: () => Promise<T>): Promise<T> => {
    ports.emit({ kind: "step-started", step: name });
    return work();
  };

  const lostDevices: string[] = [];
  const emit: typeof ports.emit = (event) => {
    if (event.kind === "device-opened") lostDevices.push(event.path);
    ports.emit(event);
  };
  const guard = await step("arm-guard", () => armGuard(ports));
  const lease = keepLease(guard, { host: plan.host.name, vm: plan.vm.name, signal: ports.signal });
  let isKept = false;
  let leftOnHost: readonly LeftOnHost[];
  try {
    await underLease(lease, ports.signal, async (signal) => {
      const leased = { ...ports, emit, signal };
      const pushed = await step("push-images", () => pushImages(plan, guard, leased));
      const verified = await step("verify-images", () => verifyImages(plan, pushed, leased));
      stopIfAsked(signal);
      const images = await step("write-devices", () =>
        writeDevices(plan, { guard, images: verified }, leased),
      );
      stopIfAsked(signal);
      const vm = await step("define-vm", () => defineVm(plan, { guard, images }, leased));
      stopIfAsked(signal);
      await step("keep-vm", () => keepVm(plan, { guard, vm }, leased));
      isKept = true;
    });
  } finally {
    leftOnHost = await step("release-host", () => releaseHost(guard, { isKept, lostDevices }, ports));
    lease.release();
  }
  const startTrouble = plan.starts ? await step("start-vm", () => startVm(plan, ports)) : undefined;
  return { leftOnHost, startTrouble };
}

function stopIfAsked(signal: AbortSignal): void {
  if (signal.aborted) throw interruption(signal);
}
