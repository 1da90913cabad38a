// What a guest says of its own writes on its serial line.

import assert from "node:assert/strict";
import type { LabHost } from "../../lab/lab-host.ts";

/**
 * Asserts that the guest has written every number since that one, in one life: none is missing, no write failed, no disk
 * came back with a hole, and it did not boot. Returns the last number.
 */
export async function assertUnbroken(host: LabHost, vm: string, since: number): Promise<number> {
  const log = await host.guestLog(vm);
  const start = log.search(new RegExp(`^SEQ ${since}\\r?\\n`, "m"));
  if (start === -1) assert.fail(`${vm} never said that it wrote ${since}; it last said:\n${log.slice(-300)}`);
  const later = log.slice(start);
  mustNotSay(later, /GAP|IOERROR|I\/O error/, `${vm} has lost or failed writes`);
  mustNotSay(later, /^DISK /m, `${vm} has booted`);
  // Only whole lines: the last one may be on its way, digit by digit.
  const numbers = [...later.matchAll(/^SEQ (\d+)\r?\n/gm)].map(([, number]) => Number(number));
  const wrong = numbers.findIndex((number, index) => number !== since + index);
  if (wrong === -1) return numbers.at(-1)!;
  const told = numbers.slice(Math.max(0, wrong - 3), wrong + 3).join(", ");
  assert.fail(`${vm} has left out a number: ${told}; it last said:\n${log.slice(-300)}`);
}

function mustNotSay(log: string, pattern: RegExp, what: string): void {
  const found = pattern.exec(log);
  if (found !== null) assert.fail(`${what}: ${log.slice(Math.max(0, found.index - 100), found.index + 300)}`);
}
