// What may come of a run that was disturbed: words for cells of the matrix, and what each allows.

import { points, type PointName } from "./points.ts";

/** How one VM's backup ended. `none`: nothing of it was begun, or nobody lived to tell. */
export type VmEnd = "good" | "failed" | "interrupted" | "none";

/** How a run may end. */
export interface Ends {
  /** Null when a signal ended the run. */
  readonly codes: readonly (number | null)[];
  readonly victim: readonly VmEnd[];
  readonly other: readonly VmEnd[];
}

/** What may come of it, by word. */
export const outcomes = {
  /** The fault is survived. */
  good: { codes: [0], victim: ["good"], other: ["good"] },
  /** The victim's backup is given up, the other VM's is made. */
  failed: { codes: [3], victim: ["failed"], other: ["good"] },
  /** The fault is a race with the end of what it disturbs; whichever wins is told truly. */
  either: { codes: [0, 3], victim: ["good", "failed"], other: ["good"] },
  /** Like `good`, `failed` and `either`, but the other VM may be hit as well: the fault takes the host. */
  "host lost, good": { codes: [0, 3], victim: ["good"], other: ["good", "failed"] },
  "host lost, failed": { codes: [3], victim: ["failed"], other: ["good", "failed"] },
  "host lost": { codes: [0, 3], victim: ["good", "failed"], other: ["good", "failed"] },
  /** The run was told to stop. */
  interrupted: { codes: [130], victim: ["interrupted"], other: ["none"] },
  /** It was told to stop while the victim's backup may have become visible already. */
  "interrupted late": { codes: [130], victim: ["interrupted", "good"], other: ["none", "interrupted"] },
  /** The controller is dead and tells nothing. */
  killed: { codes: [null], victim: ["none"], other: ["none"] },
  /** It died when the victim's backup may have become visible already. */
  "killed late": { codes: [null], victim: ["none", "good"], other: ["none"] },
} as const satisfies Record<string, Ends>;

export type Outcome = keyof typeof outcomes;

/** A cell that makes no sense, and why. */
export interface Exclusion {
  readonly excluded: string;
}

/** What is true of each point from the one named on, until the next one named. The first point must be named. */
export function fromPointOn<T>(changes: Readonly<Partial<Record<PointName, T>>>): (point: PointName) => T {
  const values = new Map<PointName, T>();
  let current: T | undefined;
  for (const { name } of points) {
    current = changes[name] ?? current;
    if (current === undefined) throw new Error(`Nothing is said of ${name}`);
    values.set(name, current);
  }
  return (point) => values.get(point)!;
}
