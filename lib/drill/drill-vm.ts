// One drill: six steps in order. Read this file first.
//
// Everything on the host is temporary, as in a backup: at the end, after a failure, and when this program, its machine or
// the network dies, the host's guard ends the clone and removes what was made for it.

import type { Guard } from "../backup/ports.ts";
import { keepLease } from "../guard/lease.ts";
import { underLease } from "../guard/under-lease.ts";
import type { DrillFinding, DrillPlan, DrillStepName, DrillTrouble } from "../model/drill.ts";
import type { LeftOnHost } from "../model/guard.ts";
import { armGuard } from "../restore/1-arm-guard.ts";
import { bringImages } from "./1-bring-images.ts";
import { bootClone } from "./2-boot-clone.ts";
import { awaitLife } from "./3-await-life.ts";
import { keepEvidence } from "./4-keep-evidence.ts";
import type { DrillPorts } from "./ports.ts";

/**
 * Boots a backup as a VM without a network, waits for its sign of life, and removes every trace of it.
 * @throws BackupError when it could not be carried out; what could not be removed has been emitted as `left-on-host`.
 */
export async function drillVm(
  plan: DrillPlan,
  ports: DrillPorts,
): Promise<{ readonly finding: DrillFinding; readonly leftOnHost: readonly LeftOnHost[] }> {
  const step = <T>(name: DrillStepName, work: () => Promise<T>): Promise<T> => {
    ports.emit({ kind: "drill-step", step: name });
    return work();
  };
  const beganAt = ports.now().getTime();
  const { clone } = plan;
  const guard = await step("arm-guard", () => armGuard(ports));
  const lease = keepLease(guard, { host: clone.host.name, vm: clone.vm.name, signal: ports.signal });
  let leftOnHost: readonly LeftOnHost[];
  let finding: DrillFinding;
  try {
    finding = await underLease(lease, ports.signal, async (signal) => {
      const leased = { ...ports, signal };
      const images = await step("bring-images", () => bringImages(plan, guard, leased));
      const bootedAt = ports.now().getTime();
      const refusal = await step("boot-clone", () => bootClone(plan, { guard, images }, leased));
      const trouble: DrillTrouble | undefined =
        refusal === undefined
          ? await step("await-life", () => awaitLife(plan, leased))
          : { kind: "not-started", detail: refusal };
      if (trouble === undefined) return alive(ports, { beganAt, bootedAt });
      ports.emit({ kind: "no-life", trouble });
      if (trouble.kind === "not-started") return { kind: "failed", trouble, evidence: [] };
      const evidence = await step("keep-evidence", () => keepEvidence(plan, leased));
      return { kind: "failed", trouble, evidence };
    });
  } finally {
    leftOnHost = await step("release-host", () => release(guard, ports));
    lease.release();
  }
  return { finding, leftOnHost };
}

function alive(
  ports: DrillPorts,
  { beganAt, bootedAt }: { readonly beganAt: number; readonly bootedAt: number },
): DrillFinding {
  const now = ports.now().getTime();
  const [rtoSeconds, bootSeconds] = [(now - beganAt) / 1000, (now - bootedAt) / 1000];
  ports.emit({ kind: "sign-of-life", rtoSeconds, bootSeconds });
  return { kind: "booted", rtoSeconds, bootSeconds };
}

/** Has the guard end the clone and remove its files; returns what it could not. Never throws. */
async function release(guard: Guard, ports: DrillPorts): Promise<readonly LeftOnHost[]> {
  const { left } = await guard.restore(() => undefined);
  if (left.length > 0) ports.emit({ kind: "left-on-host", left, command: guard.restoreCommand });
  else ports.emit({ kind: "clone-removed" });
  return left;
}
