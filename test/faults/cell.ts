// A cell of the matrix, and what can come of it.

import type { Fault } from "./fault.ts";
import type { Outcome } from "./outcome.ts";
import type { Point } from "./points.ts";

/** A fault at a point, and what must come of the run. */
export interface Cell {
  readonly fault: Fault;
  readonly point: Point;
  readonly outcome: Outcome;
}

/** The victim's backup is good; or it is not, and the host is as before, by itself or once somebody recovered it. */
export type CellResult = "good" | "restored" | "recovered";
