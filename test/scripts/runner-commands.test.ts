import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { writeBatches } from "../../scripts/testing/import-tests.ts";
import { runtimeEnvironment, testCommand } from "../../scripts/testing/runtimes.ts";

const options = {
  files: ["test/a b.test.ts"],
  testLimitSeconds: 7,
  concurrency: 3,
  tapFile: "/tmp/report.tap",
};

describe("testCommand()", () => {
  it("gives Bun a path and not a pattern", () => {
    const [program, ...flags] = testCommand("bun", options);
    assert.match(program, /\/node_modules\/\.bin\/bun$/);
    assert.deepEqual(flags, [
      "test",
      "--no-env-file",
      "--no-install",
      "--timeout=7000",
      "./test/a b.test.ts",
    ]);
  });

  it("lets Deno write nothing into the tree", () => {
    const command = testCommand("deno", options);
    assert.ok(command.includes("--no-lock") && command.includes("--node-modules-dir=manual"));
    assert.equal(command.at(-1), "test/a b.test.ts");
  });

  it("has Node write its report beside what it shows", () => {
    const command = testCommand("node", options);
    assert.ok(command.includes("--test-reporter-destination=/tmp/report.tap"));
    assert.ok(command.includes("--test-concurrency=3") && command.includes("--test-timeout=7000"));
  });
});

describe("runtimeEnvironment()", () => {
  it("turns colours and questions off, and makes no part of this run", () => {
    const environment = runtimeEnvironment({ HOME: "/root", FORCE_COLOR: "1", NODE_TEST_CONTEXT: "child" });
    assert.deepEqual(environment, {
      HOME: "/root",
      NO_COLOR: "1",
      DENO_NO_PROMPT: "1",
      DENO_NO_UPDATE_CHECK: "1",
    });
  });
});

describe("writeBatches()", () => {
  it("gives each file to one batch, makes no empty batch, and touches no batch of another part", async () => {
    const folder = await mkdtemp(join(tmpdir(), "virtfold-batches-"));
    try {
      const batches = await writeBatches(["a", "b", "c"], folder, 2);
      const texts = await Promise.all(batches.map((batch) => readFile(batch, "utf8")));
      assert.deepEqual(
        texts.map((text) => /importTests\((.*)\)/.exec(text)?.[1]),
        ['["a","c"]', '["b"]'],
      );
      assert.equal((await writeBatches(["a"], folder, 3)).length, 1);
      assert.deepEqual(await writeBatches([], folder, 3), []);
      const [first, second] = await Promise.all([
        writeBatches(["a"], folder, 1),
        writeBatches(["b"], folder, 1),
      ]);
      assert.notDeepEqual(first, second, "two parts would run each other's tests");
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
