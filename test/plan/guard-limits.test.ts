import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { guardLimits } from "../../lib/plan/guard-limits.ts";

const options = { leaseSeconds: 120, overlayBudget: undefined };
const free = (...bytes: readonly number[]): { freeBytes: ReadonlyMap<string, number> } => ({
  freeBytes: new Map(bytes.map((count, index) => [`/folder${index}`, count])),
});

describe("guardLimits()", () => {
  it("keeps a tenth of what is free, where the least is free, and no more than 1 GiB", () => {
    assert.equal(guardLimits(free(500_000_000, 70_000_005), options).reserveBytes, 7_000_000);
    assert.equal(guardLimits(free(2 ** 40), options).reserveBytes, 2 ** 30);
    assert.equal(guardLimits(free(0), options).reserveBytes, 0);
  });

  it("keeps nothing where nobody knows what is free", () => {
    assert.equal(guardLimits(free(), options).reserveBytes, 0);
  });

  it("takes lease and budget from the settings; without a budget there is none", () => {
    assert.deepEqual(guardLimits(free(), { leaseSeconds: 6, overlayBudget: 5 }), {
      leaseSeconds: 6,
      budgetBytes: 5,
      reserveBytes: 0,
    });
    assert.equal(guardLimits(free(), options).budgetBytes, 0);
  });
});
