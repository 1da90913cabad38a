// A program that brings a lab up for itself, and the end of that lab.

import { fileURLToPath } from "node:url";
import { outliveReaders } from "../../lib/cli/outlive-readers.ts";
import { runThenTakeDown } from "../../scripts/testing/run-then-take-down.ts";
import { scriptCommand } from "../../scripts/testing/runtimes.ts";
import { bringDownLab } from "./bring-down-lab.ts";
import { needRoot } from "./need-root.ts";
import { tellRefusal } from "./tell-refusal.ts";

export interface LabProgram {
  /** Of a TypeScript file. */
  readonly url: URL;
  readonly args: readonly string[];
  /** The lab that it works in. */
  readonly lab: string;
}

/** How long a backup that is under way may take to put its hosts right; they go anyway. */
const graceSeconds = 30;

/** Runs the program and sets the exit code; when it ends, however it does, or a signal comes, its lab is taken down. */
export async function runLabProgram({ url, args, lab }: LabProgram): Promise<void> {
  // A terminal that was closed cannot be written to, and the lab must go all the same.
  outliveReaders([process.stdout, process.stderr]);
  await tellRefusal(async () => {
    needRoot();
    process.exitCode = await runThenTakeDown([...scriptCommand("node"), fileURLToPath(url), ...args], {
      graceSeconds,
      takeDown: async () => {
        console.log(`\n== Taking lab ${lab} down`);
        await bringDownLab(lab);
      },
    });
  });
}
