// What a guest says of its own writes on its serial line.

import assert from "node:assert/strict";
import type { LabHost } from "../../lab/lab-host.ts";

/**
 * Asserts that the guest has written every number since that one, in one life: none is missing, no write failed, no disk
 * came back with a hole, and it did not boot. Returns the last number.
 */
export async function assertUnbroken(host: LabHost, vm: string, since: number): Promise<number> {
  const log = await host.guestLog(vm);
  const start = log.search(new RegExp(`^SEQ ${since}\\r?$`, "m"));
  assert.notEqual(start, -1, `${vm} never said that it wrote ${since}`);
  const later = log.slice(start);
  assert.doesNotMatch(later, /GAP|IOERROR|I\/O error/, `${vm} has lost or failed writes`);
  assert.doesNotMatch(later, /^DISK /m, `${vm} has booted`);
  const numbers = [...later.matchAll(/^SEQ (\d+)\r?$/gm)].map(([, number]) => Number(number));
  const expected = numbers.map((_, index) => since + index);
  assert.deepEqual(numbers, expected, `${vm} has left out a number`);
  return numbers.at(-1)!;
}
