import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { bundleTests } from "../../scripts/testing/bundle-tests.ts";
import { failedTests } from "../../scripts/testing/failed-tests.ts";
import { runtimeEnvironment, testCommand } from "../../scripts/testing/runtimes.ts";

const files = {
  "test/deep/place.ts": `
    import { readFileSync } from "node:fs";
    export enum Kind { One = "one" }
    export const besides = (): string => readFileSync(new URL("beside.txt", import.meta.url), "utf8");`,
  "test/deep/beside.txt": "found",
  "test/z.test.ts": `
    import assert from "node:assert/strict";
    import { it } from "node:test";
    import limit from "p-limit";
    import { besides, Kind } from "./deep/place.ts";
    it("finds what is beside a module, and the packages", () => {
      assert.equal(besides() + Kind.One, "foundone");
      assert.equal(limit(3).concurrency, 3);
    });`,
  "test/a b.test.ts": `
    import { it } from "node:test";
    import { besides } from "./deep/place.ts";
    it("fails", () => { throw new Error(besides()); });`,
};

it("bundleTests() makes what Node runs in the given order, and a failure is that of the source", async () => {
  const top = await mkdtemp(join(tmpdir(), "virtfold-bundle-"));
  try {
    await symlink(fileURLToPath(new URL("../../node_modules", import.meta.url)), join(top, "node_modules"));
    await mkdir(join(top, "test/deep"), { recursive: true });
    for (const [name, text] of Object.entries(files)) await writeFile(join(top, name), text);
    const bundles = await bundleTests(["test/z.test.ts", "test/a b.test.ts"], {
      top,
      folder: join(top, "work"),
    });
    const tapFile = join(top, "report.tap");
    const [program, ...flags] = testCommand("node", {
      ...{ files: bundles, bundled: true, tapFile },
      ...{ testLimitSeconds: 20, concurrency: 1 },
    });
    const { stdout } = spawnSync(program, flags, {
      cwd: top,
      encoding: "utf8",
      env: runtimeEnvironment(process.env),
    });
    assert.match(stdout, /finds what is beside[^]*fails/);
    const report = await readFile(tapFile, "utf8");
    assert.deepEqual(failedTests(report, top), [
      { names: ["fails"], file: "test/a b.test.ts", error: "found" },
    ]);
    assert.match(report, /test\/a b\.test\.ts:4:/, "the stack names the line of the source");
  } finally {
    await rm(top, { recursive: true });
  }
});
