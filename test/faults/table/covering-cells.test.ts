import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { faults } from "../faults.ts";
import { points } from "../points.ts";
import { allCells } from "./all-cells.ts";
import { coveringCells } from "./covering-cells.ts";

/** Cells of named faults and points; each line is a point, with the faults that can strike there. */
function cellsOf(
  lines: Readonly<Record<string, string>>,
): { fault: { name: string }; point: { name: string } }[] {
  const known = new Map<string, { name: string }>();
  const named = (name: string): { name: string } => {
    if (!known.has(name)) known.set(name, { name });
    return known.get(name)!;
  };
  return Object.entries(lines).flatMap(([point, names]) =>
    names.split(" ").map((fault) => ({ fault: named(fault), point: named(point) })),
  );
}

const cases: readonly [what: string, lines: Readonly<Record<string, string>>, chosen: string][] = [
  ["one of each", { first: "a b", second: "a b" }, "b at first, a at second"],
  ["a fault that fits one point only", { first: "a b", second: "a" }, "b at first, a at second"],
  ["more faults than points", { first: "a b c" }, "a at first, b at first, c at first"],
  ["more points than faults", { first: "a", second: "a", third: "a" }, "a at first, a at second, a at third"],
];

describe("coveringCells()", () => {
  for (const [what, lines, chosen] of cases) {
    it(`covers ${what}`, () => {
      const names = coveringCells(cellsOf(lines)).map(({ fault, point }) => `${fault.name} at ${point.name}`);
      assert.equal(names.join(", "), chosen);
    });
  }

  it("covers every fault and every point of the matrix with no more cells than needed, the same each time", () => {
    const { cells } = allCells(faults, points);
    const chosen = coveringCells(cells);
    assert.deepEqual(new Set(chosen.map(({ fault }) => fault)), new Set(faults));
    assert.deepEqual(new Set(chosen.map(({ point }) => point)), new Set(points));
    assert.equal(chosen.length, Math.max(faults.length, points.length));
    assert.deepEqual(coveringCells(cells), chosen);
  });
});
