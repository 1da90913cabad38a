// Every point of a backup × every fault, on a real hypervisor with guests that write.
// `npm test` runs a selection that covers each point and each fault; `npm run test:faults` runs all of it.

import { after, before, describe, it } from "node:test";
import { assertNothingRuns } from "../e2e/support/leftovers-here.ts";
import { chooseCells, nameOf } from "./choose-cells.ts";
import { openFaultLab, type FaultLab } from "./fault-lab.ts";
import { faults } from "./faults.ts";
import { points } from "./points.ts";
import type { Cell } from "./cell.ts";
import { runCell } from "./run-cell.ts";
import { faultTable, type CellEnd } from "./table/fault-table.ts";

const { cells, excluded } = chooseCells(process.env["VIRTFOLD_FAULTS"] ?? "covering");

describe("a fault at a point of a backup", { timeout: 3 * 3600_000 }, () => {
  let lab: FaultLab;
  const results = new Map<Cell, CellEnd>();

  before(async () => void (lab = await openFaultLab()));
  after(async () => {
    console.log(faultTable({ faults, points, results, excluded }));
    await lab?.close();
  });

  for (const cell of cells) {
    it(nameOf(cell), async () => {
      const since = performance.now();
      try {
        results.set(cell, await runCell(lab, cell));
        await lab.makeReady();
      } catch (error) {
        results.set(cell, "wrong");
        await lab.makeReady({ isBroken: true });
        throw error;
      } finally {
        const seconds = Math.round((performance.now() - since) / 1000);
        console.log(
          `${results.size}/${cells.length} ${nameOf(cell)}: ${results.get(cell) ?? ""}, ${seconds} s`,
        );
      }
    });
  }

  it("leaves no process and no session behind", async () => {
    // The connection that transfers share outlives a controller that was killed, by the 60 s of its ControlPersist.
    await assertNothingRuns(lab, lab.temporaryFolder, 75);
  });
});
