import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CellEnd } from "./fault-table.ts";
import { stepNames } from "../../../lib/model/event.ts";
import type { Cell } from "../cell.ts";
import { faults } from "../faults.ts";
import { points } from "../points.ts";
import { allCells } from "./all-cells.ts";
import { faultTable } from "./fault-table.ts";

const { cells, excluded } = allCells(faults, points);

describe("faultTable()", () => {
  const ends: readonly CellEnd[] = ["good", "restored", "recovered", "wrong"];
  const results = new Map<Cell, CellEnd>(ends.map((end, index) => [cells[index]!, end]));
  const text = faultTable({ faults, points, results, excluded });
  const lines = text.split("\n");

  it("has a row for each point and a column for each fault, with a sign in each cell", () => {
    assert.equal(
      lines[0]?.trim(),
      faults
        .map(({ label }) => label.padStart(6))
        .join("")
        .trim(),
    );
    for (const [index, { name }] of points.entries()) {
      const [head, ...signs] = lines[index + 1]!.split(/ +/);
      assert.equal(head, name);
      assert.equal(signs.length, faults.length);
    }
    assert.match(lines[1]!, /^inspect-vm +✓ +↺ +R +✗ +- /);
  });

  it("explains every sign and every label, and gives the reason for what makes no sense", () => {
    for (const { label, name } of faults) assert.ok(text.includes(`${label} ${name}`), name);
    for (const { why, fault } of excluded) assert.ok(text.includes(`· ${fault.label}: ${why}`), why);
  });

  it("is under 200 columns wide and ends with the counts", () => {
    assert.ok(lines.every((line) => line.length < 200));
    assert.equal(
      lines.at(-1),
      `Fault matrix: 4 cells: 1 backups good, 1 hosts restored, 1 recovered, 1 wrong; ${excluded.length} make no sense`,
    );
  });
});

describe("the matrix", () => {
  it("has a point for the beginning of each step, in order", () => {
    const names = points.map(({ name }) => name).filter((name) => stepNames.some((step) => step === name));
    assert.deepEqual(names, stepNames);
  });

  it("has each fault at some point, under a label of its own", () => {
    assert.equal(new Set(faults.map(({ label }) => label)).size, faults.length);
    for (const fault of faults)
      assert.ok(
        cells.some((cell) => cell.fault === fault),
        fault.name,
      );
  });

  it("says of each point and fault what comes of it, or why it makes no sense", () => {
    assert.equal(cells.length + excluded.length, points.length * faults.length);
    for (const { why } of excluded) assert.notEqual(why, "");
  });
});
