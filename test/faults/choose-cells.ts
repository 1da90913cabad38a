// Which cells a run of the matrix has.

import { faults } from "./faults.ts";
import { points } from "./points.ts";
import type { Cell } from "./cell.ts";
import { allCells, type ExcludedCell } from "./table/all-cells.ts";
import { coveringCells } from "./table/covering-cells.ts";

/** The name of a cell's test. */
export function nameOf({ fault, point }: Pick<Cell, "fault" | "point">): string {
  return `${fault.name} at ${point.name}`;
}

/** `covering` for the fewest that have each fault and each point, `all`, or a pattern for their names. */
export function chooseCells(wish: string): {
  readonly cells: readonly Cell[];
  readonly excluded: readonly ExcludedCell[];
} {
  const { cells, excluded } = allCells(faults, points);
  if (wish === "all") return { cells, excluded };
  if (wish === "covering") return { cells: coveringCells(cells), excluded };
  const pattern = new RegExp(wish);
  const found = cells.filter((cell) => pattern.test(nameOf(cell)));
  if (found.length === 0) throw new Error(`No cell has a name like ${wish}`);
  return { cells: found, excluded };
}
