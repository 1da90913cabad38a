// One cell of the matrix: a backup of both VMs, a fault at a point of the victim's backup, and then everything that must
// be true.

import type { Cell, CellResult } from "./cell.ts";
import { assertHostClean } from "./checks/assert-host-clean.ts";
import { assertNextSweeps } from "./checks/assert-next-sweeps.ts";
import { assertNothingTemporary } from "./checks/assert-nothing-temporary.ts";
import { assertReport } from "./checks/assert-report.ts";
import { assertStore } from "./checks/assert-store.ts";
import { assertVm } from "./checks/assert-vm.ts";
import { disturbedRun } from "./disturbed-run.ts";
import { type FaultLab, type StorePlace } from "./fault-lab.ts";
import { settleHost } from "./settle-host.ts";
import { withSmallFileSystem } from "./small-file-system.ts";
import { subjects, victim } from "./subjects.ts";
import { witnessVm } from "./vm-witness.ts";

/** Runs a cell and asserts all that must be true afterwards. */
export async function runCell(lab: FaultLab, cell: Cell): Promise<CellResult> {
  const { overlayFolder } = cell.fault;
  return await lab.withStore((place) =>
    overlayFolder === undefined
      ? runIn(lab, cell, place)
      : withSmallFileSystem(lab.host, overlayFolder, () => runIn(lab, cell, place)),
  );
}

async function runIn(lab: FaultLab, cell: Cell, place: StorePlace): Promise<CellResult> {
  const { host, firstStore } = lab;
  const { fault, point, outcome } = cell;
  const witnesses = await Promise.all(subjects.map((vm) => witnessVm(host, vm)));
  const end = await disturbedRun(lab, cell, place);

  const report = assertReport(end, outcome);
  const wasKilled = end.code === null;
  const good = [...report].flatMap(([vm, row]) => (row.end === "good" ? [vm] : []));
  const added = await assertStore(place.store, firstStore, { good, wasKilled, witnesses });

  const { leaseSeconds, overlayFolder } = fault;
  const { sshConfig } = lab.lab;
  const need = fault.recoveryAt(point.name);
  const wasRecovered = await settleHost(host, { need, leaseSeconds, sshConfig });
  await assertHostClean(host, overlayFolder);
  await Promise.all(
    witnesses.map((witness) =>
      assertVm(host, witness, witness.vm === victim ? fault.victimAfter : fault.otherAfter),
    ),
  );
  if (wasKilled) await assertNextSweeps(lab, place.store, subjects);
  await assertNothingTemporary(lab.temporaryFolder, { wasKilled });
  if (wasRecovered) return "recovered";
  return added.includes(victim) ? "good" : "restored";
}
