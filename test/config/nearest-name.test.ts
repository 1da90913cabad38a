import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nearestName } from "../../lib/config/nearest-name.ts";

describe("nearestName()", () => {
  const known = ["exclude", "include", "max_backups", "kvm1", "kvm2", "hosts"];
  for (const [name, meant] of [
    ["exlude", "exclude"],
    ["kmv1", "kvm1"],
    ["max-backups", "max_backups"],
    ["host", "hosts"],
    ["HOSTS", "hosts"],
    ["bastion", undefined],
    ["", undefined],
    ["x".repeat(5000), undefined],
  ] as const) {
    it(`takes ${JSON.stringify(name.slice(0, 20))} for ${meant ?? "nothing that is known"}`, () => {
      assert.equal(nearestName(name, known), meant);
    });
  }
});
