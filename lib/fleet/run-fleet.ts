// Runs one function per VM within limits; knows nothing of what it does. The only user of p-limit.

import pLimit from "p-limit";
import { waitingLine } from "./waiting-line.ts";

/** How many VMs may be at work at once. */
export interface Limits {
  readonly fleet: number;
  readonly perHost: number | ((host: string) => number);
}

/** Work on items that come to be known one after the other. */
export interface RunningFleet<Item> {
  /** Takes these items in; those that can begin do. */
  add(items: readonly Item[]): void;
  /** Waits until everything taken in has ended, then throws the first of what was thrown. Nothing is added after it. */
  end(): Promise<void>;
}

/**
 * Runs `work` for every item. Next is always the first item whose host has a free slot: so a busy host never holds slots
 * that others could use, and a host whose items stand together is brought to its end before many others begin.
 * What one item throws stops no other: nobody is at work any more when this ends. Then it throws the first of it.
 */
export async function runFleet<Item extends { readonly host: string }>(
  items: readonly Item[],
  limits: Limits,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const fleet = startFleet(limits, work, () => 0);
  fleet.add(items);
  await fleet.end();
}

/** The same for items that are not all known yet. Of those that could begin, the first by `compare` does. */
export function startFleet<Item extends { readonly host: string }>(
  { fleet, perHost }: Limits,
  work: (item: Item) => Promise<void>,
  compare: (one: Item, other: Item) => number,
): RunningFleet<Item> {
  const fleetLimit = pLimit(fleet);
  const line = waitingLine({ compare, slotsOf: typeof perHost === "number" ? () => perHost : perHost });
  const ends: Promise<void>[] = [];
  const takeTurn = async (): Promise<void> => {
    const item = await line.next();
    try {
      await work(item);
    } finally {
      line.done(item);
    }
  };
  return {
    add(items) {
      line.add(items);
      for (let count = 0; count < items.length; count += 1) {
        const ended = fleetLimit(takeTurn);
        ended.catch(() => undefined); // it is thrown at the end
        ends.push(ended);
      }
    },
    async end() {
      const failed = (await Promise.allSettled(ends)).find((end) => end.status === "rejected");
      if (failed !== undefined) throw failed.reason;
    },
  };
}
