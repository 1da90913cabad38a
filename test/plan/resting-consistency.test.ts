import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RestingConsistency } from "../../lib/plan/resting-consistency.ts";
import { restingConsistency } from "../../lib/plan/resting-consistency.ts";

const of = (stateReason: string, { hasManagedSave = false, wasRestored = false } = {}): RestingConsistency =>
  restingConsistency({ facts: { hasManagedSave, stateReason }, wasRestored });

describe("restingConsistency()", () => {
  // All that virsh says of a VM that is shut off, and nothing at all; one that was migrated is refused.
  const words: Readonly<Record<string, "crash" | "offline">> = {
    ...{
      unknown: "offline",
      shutdown: "offline",
      "from snapshot": "offline",
      "": "offline",
    },
    ...{ destroyed: "crash", crashed: "crash", failed: "crash", daemon: "crash", saved: "crash" },
  };
  for (const [word, consistency] of Object.entries(words)) {
    it(`is ${consistency} for "shut off (${word})", and says why it is not better`, () => {
      const { whyNotFilesystem, ...rest } = of(word);
      assert.deepEqual(rest, { consistency });
      assert.equal(whyNotFilesystem === undefined, consistency === "offline");
    });
  }

  it("says how a VM ended that was not shut down", () => {
    assert.equal(of("destroyed").whyNotFilesystem, "it was destroyed, not shut down");
  });

  it("is crash for a VM with a managed save, however it ended", () => {
    for (const word of ["shutdown", "saved", "destroyed", "unknown"]) {
      assert.deepEqual(of(word, { hasManagedSave: true }), {
        ...{ consistency: "crash", whyNotFilesystem: "its memory is in a managed save" },
      });
    }
  });

  it("is crash after what an earlier backup left was put right, unless the VM is known to have been shut down", () => {
    assert.equal(of("shutdown", { wasRestored: true }).consistency, "offline");
    for (const word of ["unknown", "from snapshot", ""]) {
      const { consistency, whyNotFilesystem = "" } = of(word, { wasRestored: true });
      assert.equal(consistency, "crash");
      assert.match(whyNotFilesystem, /an earlier backup of it died while it ran/);
    }
    assert.match(of("crashed", { wasRestored: true }).whyNotFilesystem ?? "", /^it crashed/);
  });
});
