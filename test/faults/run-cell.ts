// One cell of the matrix: a backup of both VMs, a fault at a point of the victim's backup, and then everything that must
// be true.

import assert from "node:assert/strict";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { runBackup } from "../e2e/support/virtfold-process.ts";
import type { Cell, CellResult } from "./cell.ts";
import { assertHostClean } from "./checks/assert-host-clean.ts";
import { assertReport } from "./checks/assert-report.ts";
import { assertStore } from "./checks/assert-store.ts";
import { assertVm } from "./checks/assert-vm.ts";
import { listStore } from "./checks/list-store.ts";
import { readReport } from "./checks/read-report.ts";
import { disturbedRun } from "./disturbed-run.ts";
import { backupArguments, type FaultLab, type StorePlace } from "./fault-lab.ts";
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

  assertReport(end, outcome);
  const wasKilled = end.code === null;
  const good = [...readReport(end)].flatMap(([vm, row]) => (row.end === "good" ? [vm] : []));
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
  if (wasKilled) await assertNextSweeps(lab, place);
  await assertNothingTemporary(lab, { wasKilled });
  if (wasRecovered) return "recovered";
  return added.includes(victim) ? "good" : "restored";
}

/** Asserts that the next backup is good, and sweeps away what a dead run has begun in the store. */
async function assertNextSweeps({ lab }: FaultLab, { store }: StorePlace): Promise<void> {
  const args = backupArguments(lab.sshConfig, { store, leaseSeconds: 120, vms: [victim] });
  const { code, stderr } = await runBackup(args);
  assert.equal(code, 0, stderr);
  const rest = (await listStore(store)).filter(({ state }) => state !== "good");
  assert.deepEqual(rest, [], "what the dead run had begun is still in the store");
}

/** Asserts that a run which lived to its end took its temporary files away; nobody does that for one that was killed. */
async function assertNothingTemporary(
  { temporaryFolder }: FaultLab,
  { wasKilled }: { readonly wasKilled: boolean },
): Promise<void> {
  const names = (await readdir(temporaryFolder)).filter((name) => name.startsWith("virtfold-"));
  if (!wasKilled) assert.deepEqual(names, [], "temporary files are left");
  for (const name of names) await rm(join(temporaryFolder, name), { recursive: true });
}
