import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { judgeCheck, judgeRunner } from "../../scripts/testing/judge-run.ts";
import type { ProcessEnd } from "../../scripts/testing/judge-run.ts";
import type { RunnerSummary } from "../../scripts/testing/runner-summary.ts";

const good: ProcessEnd = { code: 0, signal: null, endedBy: undefined };
const bad: ProcessEnd = { code: 1, signal: null, endedBy: undefined };
const killed: ProcessEnd = { code: null, signal: "SIGSEGV", endedBy: undefined };
const late: ProcessEnd = { code: 143, signal: null, endedBy: "limit" };

const summary = (counts: Partial<RunnerSummary>): RunnerSummary => ({
  passed: 3,
  failed: 0,
  skipped: 0,
  skippedTests: [],
  emptyFiles: [],
  ...counts,
});

describe("judgeRunner()", () => {
  const cases: readonly [
    name: string,
    ProcessEnd,
    RunnerSummary | undefined,
    failed: number,
    problem: string | undefined,
  ][] = [
    ["passes a good run", good, summary({}), 0, undefined],
    ["counts what failed", bad, summary({ failed: 2 }), 2, undefined],
    ["fails a run that ran no test", good, summary({ passed: 0 }), 1, "ran no test"],
    ["passes a run of skipped tests only", good, summary({ passed: 0, skipped: 1 }), 0, undefined],
    ["fails a run without a summary", good, undefined, 1, "ended well, without a summary"],
    ["fails a crash without a summary", killed, undefined, 1, "was ended by SIGSEGV, without a summary"],
    ["fails an exit code that no test explains", bad, summary({}), 1, "exit code 1"],
    [
      "says that a signal ended it, also when a test failed",
      killed,
      summary({ failed: 2 }),
      2,
      "was ended by SIGSEGV",
    ],
    ["says that it took too long", late, summary({ failed: 1 }), 1, "took too long and was ended"],
    ["fails files without tests", good, summary({ emptyFiles: ["a.test.ts"] }), 1, "no test in a.test.ts"],
  ];
  for (const [name, end, runner, failed, problem] of cases) {
    it(name, () => {
      const verdict = judgeRunner(end, runner);
      assert.deepEqual([verdict.failed, verdict.problem], [failed, problem]);
    });
  }
});

describe("judgeCheck()", () => {
  it("counts a check as one test", () => {
    assert.deepEqual(judgeCheck(good), {
      passed: 1,
      failed: 0,
      skipped: 0,
      problem: undefined,
      skippedTests: [],
    });
    assert.deepEqual(judgeCheck(bad), {
      passed: 0,
      failed: 1,
      skipped: 0,
      problem: "exit code 1",
      skippedTests: [],
    });
  });
});
