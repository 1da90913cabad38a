import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { untilStopped } from "../../lib/fleet/until-stopped.ts";
import { BackupError } from "../../lib/model/failure.ts";

const isInterrupted = (error: unknown): boolean =>
  error instanceof BackupError && error.reason.kind === "interrupted" && error.reason.signal === "SIGTERM";

describe("untilStopped()", () => {
  it("gives what the work gives", async () => {
    const { signal } = new AbortController();
    assert.equal(await untilStopped(Promise.resolve(7), signal), 7);
    await assert.rejects(untilStopped(Promise.reject(new Error("no")), signal), /^Error: no$/);
  });

  it("ends before the work does, whose failure then is nobody's", async () => {
    const stop = new AbortController();
    let fail: (error: Error) => void = () => undefined;
    const waiting = untilStopped(new Promise((_, reject) => (fail = reject)), stop.signal);
    stop.abort("SIGTERM");
    await assert.rejects(waiting, isInterrupted);
    fail(new Error("later"));
    await new Promise((resolve) => setImmediate(resolve));
  });

  it("does not wait at all once stopped", async () => {
    const signal = AbortSignal.abort("SIGTERM");
    await assert.rejects(untilStopped(new Promise(() => undefined), signal), isInterrupted);
  });
});
