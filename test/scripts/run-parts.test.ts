import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { judgeCheck } from "../../scripts/testing/judge-run.ts";
import { labTestPart, type Part } from "../../scripts/testing/parts.ts";
import { runParts } from "../../scripts/testing/run-parts.ts";
import { fleetLab, testLabs } from "../../scripts/testing/test-labs.ts";

const part = (name: string, script: string, changes: Partial<Part> = {}): Part => ({
  name,
  argv: ["sh", "-c", script],
  limitSeconds: 20,
  alone: true,
  graceSeconds: 30,
  judge: async (finished) => judgeCheck(finished),
  ...changes,
});
const down = part("down", "true");

/** The parts that ran, in order, each with whether it ended well. */
async function run(parts: readonly Part[], signal: AbortSignal): Promise<readonly (readonly unknown[])[]> {
  const results = await runParts(parts, { directory: "/", concurrency: 2, signal });
  return results.map(({ name, verdict }) => [name, verdict.problem ?? "ok"]);
}

describe("runParts()", () => {
  it("cleans up after a part before it goes on, also when the part failed", async () => {
    const parts = [part("e2e", "exit 3", { cleaning: [down] }), part("matrix", "true", { cleaning: [down] })];
    assert.deepEqual(await run(parts, new AbortController().signal), [
      ["e2e", "exit code 3"],
      ["down", "ok"],
      ["matrix", "ok"],
      ["down", "ok"],
    ]);
  });

  it("cleans up after what was interrupted, and leaves out what had not begun", async () => {
    const controller = new AbortController();
    // The abort comes when the next part has begun.
    const abortSoon: Part["judge"] = async (finished) => {
      setTimeout(() => controller.abort(), 200);
      return judgeCheck(finished);
    };
    const parts = [
      part("unit", "true", { alone: false, judge: abortSoon }),
      part("e2e", "sleep 60", { cleaning: [down, { ...down, name: "down too" }] }),
      part("matrix", "true", { cleaning: [down] }),
    ];
    assert.deepEqual(await run(parts, controller.signal), [
      ["unit", "ok"],
      ["e2e", "was interrupted"],
      ["down", "ok"],
      ["down too", "ok"],
    ]);
  });

  it("has nothing to clean up when it was interrupted before", async () => {
    assert.deepEqual(await run([part("e2e", "true", { cleaning: [down] })], AbortSignal.abort()), []);
  });
});

describe("labTestPart()", () => {
  it("takes down each of the labs that the tests share", async () => {
    const { cleaning = [] } = await labTestPart("e2e", [], "/tmp");
    assert.deepEqual(
      cleaning.map(({ argv }) => argv.slice(-3)),
      [...testLabs, fleetLab].map((id) => ["down", "--id", id]),
    );
  });
});
