// The central question: does a copy hold what the guest had written up to one moment, all of it and nothing else?

import assert from "node:assert/strict";
import { withCopiedFileSystem } from "./copied-file-system.ts";
import { backupOf } from "./witnessed-run.ts";
import type { WitnessedRun } from "./witnessed-run.ts";

/**
 * Asserts that every copied disk of a VM that ran holds an unbroken sequence of numbers up to one that the guest wrote
 * during the run, and that all its disks are of the same moment. Returns that number.
 */
export async function assertCopiedSequence(run: WitnessedRun, vm: string, scratch: string): Promise<number> {
  const { folder, manifest } = backupOf(run, vm);
  const wrote = run.wrote.get(vm);
  assert.ok(wrote, `${vm} did not run`);
  const last: number[] = [];
  for (const { target } of manifest.disks) {
    const disk = { folder, manifest, target, scratch };
    const numbers = await withCopiedFileSystem(disk, (fileSystem) => fileSystem.readSequence());
    assertWithoutGap(numbers, `${vm} ${target}`);
    last.push(numbers.at(-1)!);
  }
  const [least, most] = [Math.min(...last), Math.max(...last)];
  // The guest writes each number to one disk after the other, so a moment lies between two of these writes at most.
  assert.ok(most - least <= 1, `the disks of ${vm} are of different moments: ${last.join(", ")}`);
  assert.ok(
    least >= wrote.before,
    `${vm} had written ${wrote.before} before the run; the copy ends at ${least}`,
  );
  assert.ok(most <= wrote.after, `${vm} has written ${wrote.after} after the run; the copy ends at ${most}`);
  return most;
}

/** Asserts that numbers follow each other without a gap. */
export function assertWithoutGap(numbers: readonly number[], where: string): void {
  const first = numbers[0];
  assert.ok(first !== undefined, `${where}: nothing was written`);
  const hole = numbers.findIndex((number, index) => number !== first + index);
  assert.equal(hole, -1, `${where}: ${numbers[hole - 1]} is followed by ${numbers[hole]}`);
}
