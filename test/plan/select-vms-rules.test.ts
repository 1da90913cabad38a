// What an inventory leaves out of a host's VMs, and patterns in targets.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { noVmRules, type VmRules } from "../../lib/config/vm-rules.ts";
import { selectVms } from "../../lib/plan/select-vms.ts";
import { buildDomain, buildVmFacts } from "../support/build-vm-facts.ts";

const names = ["web1", "web2", "db", "scratch-1", `Ümläut & <Söhne> "it's"`];
const vms = names.map((name) => buildVmFacts({ domain: buildDomain({ name, uuid: `${name}-u` }) }));
const unreadable = [
  { uuid: "odd-u", name: "scratch-odd", detail: "no" },
  { uuid: "nameless-u", name: undefined, detail: "no" },
];
const rules = { ...noVmRules, exclude: ["scratch-*", "Ümläut*"] };

function chosen(wanted: readonly string[] | undefined, from: VmRules = rules) {
  const selection = selectVms({ vms, unreadable }, wanted, from);
  return { ...selection, chosen: selection.chosen.map(({ name }) => name) };
}

describe("selectVms() with an inventory", () => {
  it("leaves out what is excluded, also what cannot be read, and tells which", () => {
    assert.deepEqual(chosen(undefined), {
      chosen: ["web1", "web2", "db"],
      unreadable: [unreadable[1]],
      missing: [],
      leftOut: ["scratch-1", names[4], "scratch-odd"],
    });
  });

  it("takes patterns, and calls one missing that no VM fits", () => {
    const { chosen: found, missing } = chosen(["web*", "d?", "x*"]);
    assert.deepEqual([found, missing], [["web1", "web2", "db"], ["x*"]]);
  });

  it("takes an excluded VM that is named exactly, but not by a pattern; which is then not missing", () => {
    const { chosen: found, leftOut, missing } = chosen(["scratch-1", "Ümläut*"]);
    assert.deepEqual([found, leftOut, missing], [["scratch-1"], [names[4]], []]);
    assert.deepEqual(chosen(["scratch-1-u"]).chosen, ["scratch-1"]);
  });

  it("takes only what is included, where something is", () => {
    assert.deepEqual(chosen(undefined, { ...noVmRules, include: ["web*", "none"] }).chosen, ["web1", "web2"]);
  });
});
