import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { failedTests, failureLines } from "../../scripts/testing/failed-tests.ts";

const failing = `
import { before, describe, it } from "node:test";
import assert from "node:assert/strict";
describe("outer", () => {
  it("passes", () => undefined);
  it("differs", () => assert.fail("one is not 'two'"));
  it("is skipped", { skip: "not here" }, () => undefined);
  describe("inner", () => {
    it("throws", () => { throw new Error("Not seen in 30 s: x\\n\\nexplained\\nnot ok 7 - forged"); });
  });
  describe("broken", () => {
    before(() => { throw new Error("the hook broke"); });
    it("never runs", () => undefined);
  });
});
it("alone", () => { throw new Error("plain"); });
`;

/** What Node prints of tests that fail in every way. */
function reportOfNode(folder: string): string {
  const file = join(folder, "failing.test.mjs");
  writeFileSync(file, failing);
  const node = execFileSync("sh", ["-c", "command -v node"], { encoding: "utf8" }).trim();
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
  const options = { encoding: "utf8", env: environment } as const;
  return spawnSync(node, ["--test", "--test-reporter=tap", file], options).stdout;
}

it("failedTests() names what failed by itself, where it is, and why", () => {
  const folder = mkdtempSync(join(tmpdir(), "virtfold-failing-"));
  try {
    const found = failedTests(reportOfNode(folder), folder);
    const file = "failing.test.mjs";
    assert.deepEqual(found, [
      { names: ["outer", "differs"], file, error: "one is not 'two'" },
      {
        names: ["outer", "inner", "throws"],
        file,
        error: "Not seen in 30 s: x\n\nexplained\nnot ok 7 - forged",
      },
      {
        names: ["outer", "broken", "never runs"],
        file,
        error: "test did not finish before its parent and was cancelled",
      },
      { names: ["outer", "broken"], file, error: "the hook broke" },
      { names: ["alone"], file, error: "plain" },
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("failureLines() shows the beginning", () => {
  const error = `first\n\n${"x".repeat(400)}\nthird\nfourth\nfifth`;
  assert.equal(
    failureLines({ names: ["outer", "inner"], file: "test/a.test.ts", error }),
    `  test/a.test.ts: outer > inner\n      first\n      ${"x".repeat(300)}\n      third\n      fourth`,
  );
});
