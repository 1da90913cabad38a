// One round of the soak: a backup of all VMs, a fault at a random moment, and then everything that must be true.

import { setTimeout as pause } from "node:timers/promises";
import { withSlowLink } from "../../e2e/support/slow-link.ts";
import { startBackup, type RunEnd } from "../../e2e/support/virtfold-process.ts";
import { assertHostClean } from "../checks/assert-host-clean.ts";
import { assertNextSweeps } from "../checks/assert-next-sweeps.ts";
import { assertNothingTemporary } from "../checks/assert-nothing-temporary.ts";
import { assertTrueCode } from "../checks/assert-report.ts";
import { assertStore } from "../checks/assert-store.ts";
import { assertVm } from "../checks/assert-vm.ts";
import { backupArguments, type FaultLab, type StorePlace } from "../fault-lab.ts";
import type { Fault, Scene, VmAfter } from "../fault.ts";
import { outcomes, type Ends } from "../outcome.ts";
import { points } from "../points.ts";
import { settleHost } from "../settle-host.ts";
import { withSmallFileSystem } from "../small-file-system.ts";
import { victim, type VmKind } from "../subjects.ts";
import { witnessVm } from "../vm-witness.ts";
import type { Round } from "./plan-round.ts";

/** What came of a round: all VMs backed up, or not all; in any case nothing was lost. */
export type RoundResult = "good" | "restored" | "recovered";

const runLimitSeconds = 300;

/** Runs a round and asserts all that must be true afterwards, whenever the fault struck. */
export async function soakRound(lab: FaultLab, round: Round, vms: readonly VmKind[]): Promise<RoundResult> {
  const { overlayFolder } = round.fault;
  const run = (): Promise<RoundResult> => lab.withStore((place) => runIn(lab, { round, vms }, place));
  return overlayFolder === undefined ? await run() : await withSmallFileSystem(lab.host, overlayFolder, run);
}

async function runIn(
  lab: FaultLab,
  { round, vms }: { readonly round: Round; readonly vms: readonly VmKind[] },
  place: StorePlace,
): Promise<RoundResult> {
  const { host, temporaryFolder } = lab;
  const { fault } = round;
  const witnesses = await Promise.all(vms.map((vm) => witnessVm(host, vm)));
  const { end, hasStruck } = await disturbedRun(lab, { round, vms }, place);

  const report = assertTrueCode(end, codesOf(fault));
  const wasKilled = end.code === null;
  const good = [...report].flatMap(([vm, row]) => (row.end === "good" ? [vm] : []));
  await assertStore(place.store, lab.firstStore, { good, wasKilled, witnesses });
  const need = points.some(({ name }) => fault.recoveryAt(name) !== "none") ? "allowed" : "none";
  const { leaseSeconds, overlayFolder } = fault;
  const wasRecovered = await settleHost(host, { need, leaseSeconds, sshConfig: lab.lab.sshConfig });
  await assertHostClean(host, overlayFolder);
  for (const witness of witnesses) {
    const after = witness.vm === victim ? fault.victimAfter : fault.otherAfter;
    await assertVm(host, witness, hasStruck ? after : ("same process" satisfies VmAfter));
  }
  if (wasKilled) await assertNextSweeps(lab, place.store, vms);
  await assertNothingTemporary(temporaryFolder, { wasKilled });
  if (wasRecovered) return "recovered";
  return good.length === vms.length ? "good" : "restored";
}

/** Every code with which a run may end when this fault strikes anywhere; 0 also when it comes too late. */
function codesOf(fault: Fault): readonly (number | null)[] {
  const words = points.map(({ name }) => fault.outcomeAt(name)).filter((word) => typeof word === "string");
  // The other VMs of a round may be where the victim of the matrix was.
  const codes = words.flatMap((word): Ends["codes"] => outcomes[word].codes);
  return [...new Set([0, ...codes])];
}

/** Runs the backup; the fault strikes at its moment, unless the run is over by then. */
async function disturbedRun(
  { lab, host, temporaryFolder }: FaultLab,
  { round, vms }: { readonly round: Round; readonly vms: readonly VmKind[] },
  { store, volume }: StorePlace,
): Promise<{ readonly end: RunEnd; readonly hasStruck: boolean }> {
  const { fault, afterMilliseconds, perHost, megabits } = round;
  const { leaseSeconds, overlayFolder } = fault;
  const args = backupArguments(lab.sshConfig, { store, leaseSeconds, vms, overlayFolder });
  return await withSlowLink(host, megabits, async () => {
    const run = startBackup([...args, "--per-host", String(perHost)], {
      environment: { TMPDIR: temporaryFolder },
    });
    const scene: Scene = { host, run, volume, leaseSeconds, point: undefined };
    const timer = setTimeout(() => run.signal("SIGKILL"), runLimitSeconds * 1000);
    try {
      await run.logged(/asking for its VMs/);
      // The moment is what was thrown with dice: nothing else is waited for.
      const isOver = await Promise.race([run.end.then(() => true), pause(afterMilliseconds, false)]);
      if (!isOver) await fault.inject(scene);
      const end = await run.end;
      await fault.mend?.(scene);
      return { end, hasStruck: !isOver };
    } finally {
      clearTimeout(timer);
    }
  });
}
