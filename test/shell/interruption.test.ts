import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BackupError } from "../../lib/model/failure.ts";
import { interruption } from "../../lib/shell/interruption.ts";

describe("interruption()", () => {
  it("names the signal that stopped the run, and gives an error of ours as it is", () => {
    const own = new BackupError({ kind: "host-full", host: "kvm1", path: "/x" });
    assert.equal(interruption(AbortSignal.abort(own)), own);
    const signals = ["SIGTERM", new Error("other")].map(
      (reason) => interruption(AbortSignal.abort(reason)).reason,
    );
    assert.deepEqual(signals, [
      { kind: "interrupted", signal: "SIGTERM" },
      { kind: "interrupted", signal: "abort" },
    ]);
  });
});
