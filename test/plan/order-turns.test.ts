import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compareTurns, orderTurns, type Turn } from "../../lib/plan/order-turns.ts";

interface Named extends Turn {
  readonly name: string;
}
const turn = (name: string, expectedSeconds: number | undefined, priority = 0): Named => ({
  ...{ name, expectedSeconds, priority },
});
const names = (turns: readonly Named[]): string => turns.map(({ name }) => name).join(" ");

describe("orderTurns()", () => {
  it("goes by priority, then by the longest, and takes those it knows nothing of for the longest", () => {
    const turns = [
      turn("short", 10),
      turn("new1", undefined),
      turn("long", 900),
      turn("new2", undefined),
      turn("urgent", 1, 5),
      turn("last", 5000, -1),
    ];
    assert.equal(names(orderTurns(turns)), "urgent new1 new2 long short last");
  });

  it("says how long the host needs in all", () => {
    const seconds = (turns: readonly Turn[]): readonly number[] =>
      orderTurns(turns).map(({ hostSeconds }) => hostSeconds);
    assert.deepEqual(seconds([turn("a", 10), turn("b", 5)]), [15, 15]);
    assert.deepEqual(seconds([turn("a", 10), turn("b", undefined)]), [Infinity, Infinity]);
    assert.deepEqual(seconds([]), []);
  });
});

describe("compareTurns()", () => {
  const line = (...hosts: readonly (readonly Named[])[]): string =>
    names(hosts.flatMap((turns) => [...orderTurns(turns)]).sort(compareTurns));

  it("begins with the host that needs longest, and keeps the turns of a host together", () => {
    const busy = [turn("busy1", 40), turn("busy2", 50)];
    assert.equal(line([turn("quick", 60)], busy), "busy2 busy1 quick");
    const fresh = [turn("fresh", undefined), turn("known", 1)];
    assert.equal(line(busy, fresh), "fresh known busy2 busy1");
  });

  it("leaves new hosts in the order in which they came, and theirs together", () => {
    const one = [turn("a1", undefined), turn("a2", 3)];
    const other = [turn("b1", 7), turn("b2", undefined)];
    assert.equal(line(one, other), "a1 a2 b2 b1");
    assert.equal(line(other, one), "b2 b1 a1 a2");
  });

  it("puts priority above all of that, on every host", () => {
    const one = [turn("a1", 100), turn("a2", 1, 3)];
    assert.equal(line([turn("b1", 500)], one), "a2 b1 a1");
  });
});
