import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { UnreadableVm } from "../../lib/model/vm.ts";
import { selectVms } from "../../lib/plan/select-vms.ts";
import { buildDomain, buildVmFacts } from "../support/build-vm-facts.ts";

const [web, db] = ["web", "db"].map((name) =>
  buildVmFacts({ domain: buildDomain({ name, uuid: `${name}-u` }) }),
);
const odd: UnreadableVm = { uuid: "odd-u", name: "odd", detail: "no" };
const nameless: UnreadableVm = { uuid: "nameless-u", name: undefined, detail: "no" };
const host = { vms: [web!, db!], unreadable: [odd, nameless] };

describe("selectVms()", () => {
  it("takes all when none is named", () => {
    const all = { chosen: host.vms, unreadable: host.unreadable, missing: [], leftOut: [] };
    assert.deepEqual(selectVms(host, undefined), all);
  });

  it("takes the named ones, by name or UUID, each once, and tells which no VM is called", () => {
    assert.deepEqual(selectVms(host, ["db", "db-u", "wbe", "wbe"]), {
      chosen: [db],
      unreadable: [],
      missing: ["wbe"],
      leftOut: [],
    });
  });

  it("does not call a VM missing that is there and cannot be read", () => {
    assert.deepEqual(selectVms(host, ["odd", "nameless-u", "web"]), {
      chosen: [web],
      unreadable: [odd, nameless],
      missing: [],
      leftOut: [],
    });
  });
});
