// Points × faults → the cells that can be run, and those that cannot with the reason. Pure.

import type { Fault } from "../fault.ts";
import type { Point } from "../points.ts";
import type { Cell } from "../cell.ts";

/** A cell that makes no sense. */
export interface ExcludedCell {
  readonly fault: Fault;
  readonly point: Point;
  readonly why: string;
}

/** Every pair, point by point. */
export function allCells(
  faults: readonly Fault[],
  points: readonly Point[],
): { readonly cells: readonly Cell[]; readonly excluded: readonly ExcludedCell[] } {
  const cells: Cell[] = [];
  const excluded: ExcludedCell[] = [];
  for (const point of points) {
    for (const fault of faults) {
      const outcome = fault.outcomeAt(point.name);
      if (typeof outcome === "string") cells.push({ fault, point, outcome });
      else excluded.push({ fault, point, why: outcome.excluded });
    }
  }
  return { cells, excluded };
}
