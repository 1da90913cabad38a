import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readBun, readDeno, readTap, withoutPasses } from "../../scripts/testing/runner-summary.ts";

// What the runners printed, shortened.

const tap = `TAP version 13
# Subtest: suite one
    # Subtest: adds
    ok 1 - adds
      ---
      duration_ms: 1.105619
      ...
    # Subtest: skipped with reason
    ok 2 - skipped with reason # SKIP no root here
    # Subtest: todo one
    ok 3 - todo one # TODO
    1..3
ok 1 - suite one
# Subtest: whole suite skipped
ok 2 - whole suite skipped # SKIP
# Subtest: fails
not ok 3 - fails
# # skipped 77
1..3
# tests 4
# suites 2
# pass 1
# fail 1
# cancelled 1
# skipped 1
# todo 1
# duration_ms 624.643419
`;

describe("readTap()", () => {
  it("counts tests, skipped suites and cancelled tests", () => {
    assert.deepEqual(readTap(tap), {
      passed: 1,
      failed: 2,
      skipped: 3,
      skippedTests: ["skipped with reason (no root here)", "todo one", "whole suite skipped"],
      emptyFiles: [],
    });
  });

  it("takes the last of lines that look alike, since tests may print such lines too", () => {
    assert.equal(readTap(`# pass 50\n${tap}`)?.passed, 1);
  });

  it("names files that hold no test and does not count them as passed", () => {
    const empty = "ok 1 - /top/test/a b.test.ts\n# pass 3\n# fail 0\n# cancelled 0\n# skipped 0\n# todo 0\n";
    assert.deepEqual(readTap(empty), {
      passed: 2,
      failed: 0,
      skipped: 0,
      skippedTests: [],
      emptyFiles: ["/top/test/a b.test.ts"],
    });
  });

  it("is undefined for a report that breaks off", () => {
    assert.equal(readTap("TAP version 13\nok 1 - adds\n# pass 1\n"), undefined);
    assert.equal(readTap(""), undefined);
  });
});

describe("readBun()", () => {
  const summary = " 2 pass\n 3 skip\n 1 todo\n 0 fail\nRan 6 tests across 1 file. [141.00ms]\n";

  it("reads the summary and the names of skipped tests", () => {
    const output = `(pass) suite > adds [1.70ms]\n(skip) suite > skipped one\n(skip) at run time [0.08ms]\n(todo) later\n\n${summary}`;
    assert.deepEqual(readBun(output), {
      passed: 2,
      failed: 0,
      skipped: 4,
      skippedTests: ["suite > skipped one", "at run time", "later"],
      emptyFiles: [],
    });
  });

  it("counts an error between tests as failed", () => {
    assert.equal(readBun(" 5 pass\n 0 fail\n 1 error\nRan 5 tests across 2 files. [1.2s]\n")?.failed, 1);
    assert.equal(readBun(" 5 pass\n 3 fail\n 2 errors\nRan 8 tests across 2 files. [1.2s]\n")?.failed, 3);
  });

  it("is undefined after a crash", () => {
    assert.equal(readBun(" 2 pass\npanic: Segmentation fault\n"), undefined);
  });
});

describe("readDeno()", () => {
  it("adds steps to tests", () => {
    const output =
      "running 5 tests from ./a.test.ts\nsuite ...\n  adds ... ok (0ms)\n  skipped one ... ignored (0ms)\nsuite ... ok (6ms)\n\nok | 3 passed (2 steps) | 0 failed | 2 ignored (4 steps) (18ms)\n";
    assert.deepEqual(readDeno(output), {
      passed: 5,
      failed: 0,
      skipped: 6,
      skippedTests: ["skipped one"],
      emptyFiles: [],
    });
  });

  it("reads a run that failed", () => {
    const failed = readDeno("FAILED | 0 passed | 1 failed (1 step) (13ms)\n\nerror: Test failed\n");
    assert.deepEqual([failed?.passed, failed?.failed, failed?.skipped], [0, 2, 0]);
  });

  it("names files that hold no test", () => {
    const output = "running 0 tests from ./test/empty.test.ts\n\nok | 4 passed | 0 failed (7ms)\n";
    assert.deepEqual(readDeno(output)?.emptyFiles, ["./test/empty.test.ts"]);
  });

  it("is undefined when no test began", () => {
    assert.equal(readDeno('error: Module not found "file:///nothing.ts".\n'), undefined);
  });
});

describe("withoutPasses()", () => {
  it("leaves what is not about a passed test", () => {
    const output =
      "  ✔ adds (1ms)\n✖ fails (2ms)\n(pass) a > b [1ms]\n(fail) c\nx ... ok (1ms)\ny ... FAILED (1ms)\nError: no\n";
    assert.equal(withoutPasses(output), "✖ fails (2ms)\n(fail) c\ny ... FAILED (1ms)\nError: no");
  });
});
