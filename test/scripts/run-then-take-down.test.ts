import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { currentRuntime, runtimeEnvironment, scriptCommand } from "../../scripts/testing/runtimes.ts";

const child = fileURLToPath(new URL("take-down-child.ts", import.meta.url));

/** Says when it can be ended, and takes a moment to end. */
const patient =
  'exec 2>/dev/null; trap "sleep 0.3; echo ended; exit 7" TERM; echo ready; while :; do sleep 0.1; done';

/** Runs this shell script; once it is ready, the signals come one after the other. */
async function run(
  script: string,
  signals: readonly NodeJS.Signals[] = [],
): Promise<{ readonly code: number | null; readonly lines: readonly string[] }> {
  const [program, ...args] = scriptCommand(currentRuntime());
  const running = spawn(program, [...args, child, "sh", "-c", script], {
    stdio: ["ignore", "pipe", "inherit"],
    env: runtimeEnvironment(process.env),
    timeout: 60_000,
    killSignal: "SIGKILL",
  });
  const left = [...signals];
  let output = "";
  running.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    if (output.includes("ready")) for (const signal of left.splice(0)) process.kill(running.pid!, signal);
  });
  const [code] = (await once(running, "close")) as [number | null];
  return { code, lines: output.trimEnd().split("\n") };
}

describe("runThenTakeDown()", () => {
  it("ends with the program's own code", async () => {
    assert.deepEqual(await run("echo done; exit 3"), { code: 3, lines: ["done", "taken down"] });
  });

  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const) {
    it(`at ${signal} ends the program, then takes down, and ends with ${code}`, async () => {
      assert.deepEqual(await run(patient, [signal]), { code, lines: ["ready", "ended", "taken down"] });
    });
  }

  it("takes down after a second signal, too", async () => {
    const { lines } = await run(patient, ["SIGINT", "SIGTERM"]);
    assert.deepEqual(lines, ["ready", "ended", "taken down"]);
  });

  it("takes down when the program cannot be started", async () => {
    const [program, ...args] = scriptCommand(currentRuntime());
    const failing = spawn(program, [...args, child, "/nowhere/program"], {
      stdio: ["ignore", "pipe", "ignore"],
      env: runtimeEnvironment(process.env),
    });
    let output = "";
    failing.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    const [code] = (await once(failing, "close")) as [number | null];
    assert.deepEqual([code, output], [1, "taken down\n"]);
  });
});
