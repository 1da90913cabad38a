import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Verdict } from "../../scripts/testing/judge-run.ts";
import {
  closingLine,
  failuresText,
  isGood,
  leftOutLine,
  resultLine,
  skippedLine,
  totalOf,
} from "../../scripts/testing/report.ts";

const verdict = (counts: Partial<Verdict>): Verdict => ({
  passed: 3,
  failed: 0,
  skipped: 0,
  problem: undefined,
  skippedTests: [],
  ...counts,
});
const results = [
  { name: "types", seconds: 4, verdict: verdict({ passed: 1 }) },
  {
    name: "unit on deno",
    seconds: 12.34,
    verdict: verdict({ skipped: 1, skippedTests: ["reads a key (no agent)"] }),
  },
];
const skippedParts = [{ name: "lab", files: 4, why: "needs root" }];

describe("the report of npm test", () => {
  it("adds up the parts, and the files of parts that could not run", () => {
    assert.equal(closingLine(totalOf(results, [])), "4 passed, 0 failed, 1 skipped");
    assert.equal(closingLine(totalOf(results, skippedParts)), "4 passed, 0 failed, 5 skipped");
  });

  it("names what it has but was not told to run, if anything", () => {
    assert.equal(
      leftOutLine(["types", "e2e"], { VIRTFOLD_E2E: "usual" }),
      "Left to npm run test:all: the longer end-to-end tests, and most of the fault matrix",
    );
    assert.equal(leftOutLine(["matrix"], {}), "Left to npm run test:all: most of the fault matrix");
    assert.equal(leftOutLine(["e2e"], { VIRTFOLD_E2E: "all", VIRTFOLD_FAULTS: "all" }), undefined);
    assert.equal(leftOutLine(["types", "unit on bun"], {}), undefined);
  });

  it("counts a part without files as skipped too", () => {
    assert.equal(totalOf([], [{ name: "lab", files: 0, why: "needs root" }]).skipped, 1);
  });

  it("says in one line what was skipped and why", () => {
    assert.equal(
      skippedLine(results, skippedParts),
      "Skipped: lab (4 files): needs root; unit on deno: reads a key (no agent)",
    );
    assert.equal(skippedLine(results.slice(0, 1), []), undefined);
  });

  it("shortens long lists, and counts tests whose names the runner did not give", () => {
    const many = verdict({ skipped: 7, skippedTests: ["a", "b", "c", "d", "e", "f", "g"] });
    const nameless = verdict({ skipped: 2 });
    const line = skippedLine(
      [
        { name: "lab", seconds: 1, verdict: many },
        { name: "bun", seconds: 1, verdict: nameless },
      ],
      [],
    );
    assert.equal(line, "Skipped: lab: a, b, c, d, e and 2 more; bun: 2 tests");
  });

  it("shows each part's end and duration", () => {
    assert.equal(resultLine(results[1]!), "ok      unit on deno     12.3 s  3 passed, 1 skipped");
    const failed = {
      name: "lint",
      seconds: 0.04,
      verdict: verdict({ passed: 0, failed: 1, problem: "exit code 2" }),
    };
    assert.equal(resultLine(failed), "FAILED  lint              0.0 s  0 passed, 1 failed; exit code 2");
  });
});

describe("failuresText()", () => {
  it("says of each part that failed what failed in it, as far as there is room", () => {
    const failures = Array.from({ length: 14 }, (_, index) => `  a.test.ts: ${index}`);
    const unit = { name: "unit", seconds: 1, verdict: verdict({ failed: 14, failures }) };
    const lint = { name: "lint", seconds: 1, verdict: verdict({ failed: 1 }) };
    assert.equal(
      failuresText([...results, unit, lint]),
      ["Failed: unit", ...failures.slice(0, 12), "  and 2 more", "Failed: lint"].join("\n"),
    );
    assert.equal(failuresText(results), undefined);
  });
});

describe("isGood()", () => {
  const inCi = { inCi: true };
  it("takes skipped tests for a failure in CI only", () => {
    const skipped = { passed: 3, failed: 0, skipped: 1 };
    assert.equal(isGood(skipped, { inCi: false }), true);
    assert.equal(isGood(skipped, inCi), false);
  });

  it("wants a test that passed, and none that failed", () => {
    assert.equal(isGood({ passed: 1, failed: 0, skipped: 0 }, inCi), true);
    assert.equal(isGood({ passed: 0, failed: 0, skipped: 0 }, inCi), false);
    assert.equal(isGood({ passed: 9, failed: 1, skipped: 0 }, { inCi: false }), false);
  });
});
