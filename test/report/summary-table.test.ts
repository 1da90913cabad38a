import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Outcome } from "../../lib/model/event.ts";
import type { VmStatus } from "../../lib/report/fleet-status.ts";
import { plainTable } from "../../lib/report/plain-table.ts";
import { summaryTable } from "../../lib/report/summary-table.ts";

const untouched: VmStatus = {
  ...{ host: "kvm1", vm: "web", step: undefined, item: undefined, undoCommand: undefined },
  ...{ doneBytes: 0, totalBytes: 0, copiedBytes: 0, sentBytes: 0 },
  ...{ startedAt: undefined, endedAt: undefined, outcome: undefined, refusal: undefined },
};
const good: Outcome = {
  ...{ kind: "backed-up", consistency: "filesystem", degradedBy: [], leftOnHost: [] },
  ...{ folder: "/store/x", storedBytes: 2 ** 40 - 1, seconds: 86_000 },
  ...{ secondsOnOverlay: 85_000, overlayPeakBytes: 5 },
} as unknown as Outcome;
const failed: Outcome = {
  ...{ kind: "failed", reason: { kind: "interrupted", signal: "SIGINT" }, leftOnHost: [] },
  ...{ secondsOnOverlay: 0, overlayPeakBytes: 0 },
} as unknown as Outcome;

describe("summaryTable()", () => {
  const name = "one with quite a long name, & <more>";
  const lines = summaryTable([
    { ...untouched, outcome: failed },
    { ...untouched, vm: name },
    { ...untouched, vm: "db", outcome: good, copiedBytes: 2 ** 40 - 1, sentBytes: 2 ** 40 - 1 },
    { ...untouched, vm: "off", refusal: { kind: "interrupted", signal: "SIGINT" } },
    {
      ...untouched,
      vm: "last",
      outcome: { ...failed, leftOnHost: [{ action: "x", detail: "y" }] },
    },
  ]).split("\n");

  it("has a line for each VM, whatever became of it, and one more for a long name", () => {
    const results = [
      /^kvm1\/web +failed /,
      /^kvm1\/one with/,
      /^ +not done$/,
      /^kvm1\/db +ok /,
      /^kvm1\/off +refused$/,
    ];
    for (const [index, pattern] of [...results, /^kvm1\/last +failed !/].entries())
      assert.match(lines[index + 1] ?? "", pattern);
    assert.equal(lines.length, 7);
  });

  it("fits into 80 columns", () => {
    for (const line of lines) assert.ok(line.length <= 80, line);
  });
});

describe("plainTable()", () => {
  it("has a line for each row, also for one that is short", () => {
    assert.equal(
      plainTable(["A", "B", "C"], [["1"], ["2"], ["1", "2", "3"], []]),
      "A  B  C\n1\n2\n1  2  3\n",
    );
  });
});
