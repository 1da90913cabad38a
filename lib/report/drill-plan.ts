// What a drill would do. Pure.

import type { Expectation } from "../model/drill.ts";
import { describeExpectation } from "./drill-lines.ts";
import { words } from "./wording.ts";

/** One backup that would be booted. */
export interface PlannedDrill {
  readonly host: string;
  readonly vm: string;
  /** The name of its folder. */
  readonly when: string;
  readonly path: string;
  readonly expected: Expectation;
  readonly timeoutSeconds: number;
}

interface PlannedDrills {
  readonly store: string;
  readonly drills: readonly PlannedDrill[];
}

/** A line for each. */
export function drillPlanText({ drills }: PlannedDrills): string {
  return drills.length === 0 ? "Nothing to drill" : drills.map(sentence).join("\n");
}

/** The same for programs. */
export function drillPlan({ store, drills }: PlannedDrills): object {
  const told = drills.map((drill) => {
    const { host, vm, when, path, timeoutSeconds } = drill;
    return { host, vm, when, path, timeoutSeconds, sentence: sentence(drill) };
  });
  return { kind: "drill-plan", version: 1, store, drills: told };
}

function sentence({ path, host, timeoutSeconds, expected }: PlannedDrill): string {
  return words`Would boot ${path} on ${host}, and wait ${timeoutSeconds} s until ${{ raw: describeExpectation(expected) }}`;
}
