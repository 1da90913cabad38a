// The points of a backup at which a fault can strike, and how a run shows that it is there.

import { stepNames, type StepName } from "../../lib/model/event.ts";
import type { RunningBackup } from "../e2e/support/virtfold-process.ts";
import { hostName, victim } from "./subjects.ts";

/** The points inside steps: with a step's own beginning, they are the before, the middle and the after of it. */
export const innerPointNames = ["copying", "copied", "folding", "folded"] as const;

/** Every point, by the step it begins or is in. */
export type PointName = StepName | (typeof innerPointNames)[number];

/** A moment of a backup. */
export interface Point {
  readonly name: PointName;
  /** What is true then, for the legend of the table. */
  readonly meaning: string;
  /** What the log says of the victim when it is reached. */
  readonly line: RegExp;
  /** Whether the link must be slow for the moment to last. */
  readonly isSlow: boolean;
}

const inside: Readonly<Partial<Record<StepName, readonly Point[]>>> = {
  "copy-disks": [
    point("copying", "the second of three disks is on its way", "vdb: /.* → ", true),
    point("copied", "the last disk has arrived", "sda: .* in .*/s\\)$"),
  ],
  "restore-host": [
    point("folding", "one of three disks is on its base again", "sda: overlay merged into "),
    point("folded", "the last disk is on its base again", "vda: overlay merged into "),
  ],
};

/** All points in the order of a backup. */
export const points: readonly Point[] = stepNames.flatMap((step) => [
  point(step, `step ${step} begins`, `Step ${step}$`, step === "copy-disks"),
  ...(inside[step] ?? []),
]);

/** Waits until a run is there. */
export async function reached(run: RunningBackup, { line }: Point): Promise<void> {
  await run.logged(line);
}

function point(name: PointName, meaning: string, words: string, isSlow = false): Point {
  return { name, meaning, line: new RegExp(`^\\S+ ${hostName}/${victim}: ${words}`), isSlow };
}
