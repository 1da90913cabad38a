// Programs on this machine that misbehave: what they leave behind and how much they say is bounded.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runLocal } from "../../lib/shell/run-local.ts";

describe("runLocal()", () => {
  it("does not wait for what a command leaves running in another session", async () => {
    const began = performance.now();
    const { code, stdout, stderr, endedBy } = await runLocal(
      ["sh", "-c", "echo told; setsid sleep 20 & echo $! >&2"],
      { deadlineSeconds: 15 },
    );
    assert.deepEqual([code, stdout, endedBy], [0, "told\n", undefined]);
    process.kill(Number(stderr), "SIGKILL"); // It still runs: this does not throw.
    assert.ok(performance.now() - began < 10_000, "came back before the other session ended");
  });

  it("has all that a command printed before it ended", async () => {
    const { stdout } = await runLocal(["sh", "-c", "head -c 3000000 /dev/zero; exit 0"]);
    assert.equal(stdout.length, 3_000_000);
  });

  it("bounds what is said on both outputs together", async () => {
    const { endedBy } = await runLocal(["sh", "-c", "exec cat /dev/zero >&2"], { maximumBytes: 100_000 });
    assert.equal(endedBy, "size");
  });
});
