// The fewest cells in which every fault and every point occurs. Pure, and the same each time.

/** What is chosen among. */
export interface Pair {
  readonly fault: object;
  readonly point: object;
}

/**
 * Chooses one cell for each fault (or for each point, whichever are more): first as many pairs as possible in which no
 * fault and no point occurs twice, then one for each that is still without. The order is that of the cells.
 */
export function coveringCells<C extends Pair>(cells: readonly C[]): readonly C[] {
  const byPoint = matchPoints(cells);
  const chosen = new Set(byPoint.values());
  for (const kind of ["fault", "point"] as const) {
    for (const one of new Set(cells.map((cell) => cell[kind]))) {
      if ([...chosen].some((cell) => cell[kind] === one)) continue;
      const candidates = cells.filter((cell) => cell[kind] === one);
      // In the middle of a backup more is at stake than at its ends.
      chosen.add(candidates[Math.floor(candidates.length / 2)]!);
    }
  }
  return cells.filter((cell) => chosen.has(cell));
}

/** A largest set of cells with no fault and no point twice, by augmenting paths. */
function matchPoints<C extends Pair>(cells: readonly C[]): ReadonlyMap<object, C> {
  const cellOfFault = new Map<object, C>();
  const place = (point: object, tried: Set<object>): boolean => {
    for (const cell of cells.filter((one) => one.point === point && !tried.has(one.fault))) {
      tried.add(cell.fault);
      const before = cellOfFault.get(cell.fault);
      if (before !== undefined && !place(before.point, tried)) continue;
      cellOfFault.set(cell.fault, cell);
      return true;
    }
    return false;
  };
  for (const point of new Set(cells.map((cell) => cell.point))) place(point, new Set());
  return cellOfFault;
}
