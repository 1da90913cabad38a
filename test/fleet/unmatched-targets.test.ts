import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HostRequest } from "../../lib/config/host-request.ts";
import { noVmRules } from "../../lib/config/vm-rules.ts";
import { unmatchedTargets } from "../../lib/fleet/unmatched-targets.ts";

const request = (name: string, sharedTarget: string | undefined): HostRequest => ({
  host: { name, destination: name, uri: "" },
  vms: [{ text: "web*", sharedTarget }],
  ...{ rules: noVmRules, priority: 0, before: [], after: [] },
});
const requests = [request("a", "g/web*"), request("b", "g/web*"), request("c", undefined)];
const looked = (names: string, missing: readonly string[]) =>
  [...names].map((name) => ({
    request: requests.find(({ host }) => host.name === name)!,
    known: [`${name}1`],
    missing,
  }));

describe("unmatchedTargets()", () => {
  it("tells of a target with a VM that none of its hosts has, once, with what they have", () => {
    assert.deepEqual(unmatchedTargets(requests, looked("abc", ["web*"])), [
      {
        vm: "web*",
        reason: { kind: "no-vm-matches", target: "g/web*", hosts: ["a", "b"], known: ["a1", "b1"] },
      },
    ]);
  });

  it("is content when one has it, or when one could not be asked", () => {
    assert.deepEqual(unmatchedTargets(requests, [...looked("a", ["web*"]), ...looked("b", [])]), []);
    assert.deepEqual(unmatchedTargets(requests, looked("a", ["web*"])), []);
  });
});
