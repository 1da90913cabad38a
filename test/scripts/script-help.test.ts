// What the scripts that work on this project say about their command lines, and that they start nothing then.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { currentRuntime, runtimeEnvironment, scriptCommand } from "../../scripts/testing/runtimes.ts";

/** Runs a script where it finds no program, so that nothing begins even if it has to do with what it is told. */
async function run(
  script: string,
  ...flags: readonly string[]
): Promise<{ readonly code: unknown; readonly stdout: string; readonly stderr: string }> {
  const path = fileURLToPath(new URL(`../../scripts/${script}.ts`, import.meta.url));
  const [program, ...args] = scriptCommand(currentRuntime());
  const env = { ...runtimeEnvironment(process.env), PATH: "/nowhere" };
  return await new Promise((resolve) => {
    execFile(program, [...args, path, ...flags], { env, timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    );
  });
}

const scripts = {
  demo: "npm run demo",
  soak: "npm run soak",
  bench: "npm run bench",
  check: "npm run check",
  test: "npm test",
};

describe("the scripts that work on this project", () => {
  it("have a help, and start nothing then", async () => {
    const check = async (script: string, command: string): Promise<void> => {
      const { code, stdout, stderr } = await run(script, "--help");
      assert.deepEqual([script, code, stderr], [script, 0, ""]);
      assert.ok(stdout.startsWith(`Run as: ${command}`), stdout);
    };
    await Promise.all(Object.entries(scripts).map((script) => check(...script)));
  });

  it("say in one sentence what they do not know, and what there is", async () => {
    const check = async (script: string): Promise<void> => {
      const { code, stdout, stderr } = await run(script, "--hepl");
      assert.deepEqual([script, code, stdout], [script, 2, ""]);
      assert.match(stderr, /^.*'--hepl'.*: there is .*--help\n$/);
    };
    await Promise.all(Object.keys(scripts).map(check));
  });

  it("name the parts of npm test for one that there is not", async () => {
    const { code, stderr } = await run("test", "--only", "unit,units");
    assert.equal(code, 2);
    assert.match(stderr, /^Unknown part "units": there is .*check, .*matrix\n$/);
  });
});
