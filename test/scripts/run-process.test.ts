import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { runProcess } from "../../scripts/testing/run-process.ts";
import type { ProcessOptions } from "../../scripts/testing/run-process.ts";

const options = (changes: Partial<ProcessOptions> = {}): ProcessOptions => ({
  directory: "/",
  limitSeconds: 20,
  graceSeconds: 1,
  live: false,
  signal: new AbortController().signal,
  ...changes,
});

describe("runProcess()", () => {
  it("gives the exit code and all output", async () => {
    const finished = await runProcess(["sh", "-c", "echo out; echo problem >&2; exit 3"], options());
    assert.deepEqual([finished.code, finished.signal, finished.endedBy], [3, null, undefined]);
    assert.deepEqual(finished.output.trim().split("\n").sort(), ["out", "problem"]);
  });

  it("ends the whole group when it takes too long, also what ignores TERM", async () => {
    const script = `trap "" TERM; sh -c 'trap "" TERM; sleep 60' & echo $!; wait`;
    const finished = await runProcess(["sh", "-c", script], options({ limitSeconds: 2, graceSeconds: 0.5 }));
    assert.equal(finished.endedBy, "limit");
    assert.ok(finished.seconds < 30, `took ${finished.seconds} s`);
    const child = Number(finished.output);
    assert.ok(child > 0);
    assert.equal(await isRunning(child), false);
  });

  it("ends at an abort, also one from before", async () => {
    const finished = await runProcess(["sleep", "60"], options({ signal: AbortSignal.abort() }));
    assert.deepEqual([finished.endedBy, finished.signal], ["abort", "SIGTERM"]);
  });

  it("does not wait for a child that outlives it and holds its output", async () => {
    const finished = await runProcess(["sh", "-c", "setsid sleep 30 & echo done"], options());
    assert.equal(finished.code, 0);
    assert.equal(finished.output, "done\n");
    assert.ok(finished.seconds < 20, `took ${finished.seconds} s`);
  });

  it("ends with code 127 when the program is not there", async () => {
    const finished = await runProcess(["/nowhere/program"], options());
    assert.equal(finished.code, 127);
    assert.match(finished.output, /ENOENT/);
  });
});

/** Whether a process is there and has not ended; what has ended may wait a moment for its parent to notice. */
async function isRunning(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "State:\tZ");
  return !/^State:\tZ/m.test(status);
}
