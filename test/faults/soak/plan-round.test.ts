import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { faults } from "../faults.ts";
import { describeRound, planRound } from "./plan-round.ts";
import { seededRandom } from "./random.ts";

function roundsOf(seed: number): readonly string[] {
  const random = seededRandom(seed);
  return Array.from({ length: 200 }, () => describeRound(planRound(random, faults)));
}

describe("planRound()", () => {
  it("throws the same rounds for the same seed, and others for another", () => {
    assert.deepEqual(roundsOf(7), roundsOf(7));
    assert.notDeepEqual(roundsOf(7), roundsOf(8));
  });

  it("throws every fault in time", () => {
    const rounds = roundsOf(1);
    for (const { name } of faults)
      assert.ok(
        rounds.some((round) => round.startsWith(`${name} after`)),
        name,
      );
  });
});

describe("seededRandom()", () => {
  it("stays below the limit and comes everywhere below it", () => {
    const random = seededRandom(42);
    const thrown = new Set(Array.from({ length: 500 }, () => random.below(6)));
    assert.deepEqual([...thrown].toSorted(), [0, 1, 2, 3, 4, 5]);
  });
});
