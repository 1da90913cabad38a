import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { GuardFacts } from "../../lib/model/guard.ts";
import type { Recovery } from "../../lib/model/recovery.ts";
import type { ImageUsers, VmFacts } from "../../lib/model/vm.ts";
import { planRecovery } from "../../lib/plan/plan-recovery.ts";
import { buildGuardFacts } from "../support/build-guard-facts.ts";
import { buildDisk, buildDomain, buildLayer, buildVmFacts } from "../support/build-vm-facts.ts";

const base = "/images/it's <a> base & more.qcow2";
const ours = "/images/vda.virtfold-20261123-012500-a1b2c3.qcow2";
const theirs = "/images/web.snap1";
const onBase = buildDomain({ disks: [buildDisk({ path: base })] });
const onOurs = buildDomain({ disks: [buildDisk({ path: ours })] });
const onTheirs = buildDomain({ disks: [buildDisk({ path: theirs })] });
const chainOf = (...paths: readonly string[]): VmFacts["chains"] =>
  new Map([["vda", paths.map((path) => buildLayer({ path }))]]);
const stray = buildVmFacts({ domain: onOurs, chains: chainOf(ours, base) });

const plan = (vms: readonly VmFacts[], guards: readonly GuardFacts[] = []): readonly Recovery[] =>
  planRecovery({ vms, guards, imageUsers: new Map() });
const kinds = (recoveries: readonly Recovery[]): readonly string[] => recoveries.map(({ kind }) => kind);

describe("planRecovery()", () => {
  const cases: Record<string, [vm: VmFacts, expected: readonly Recovery["kind"][]]> = {
    "a VM on its base": [buildVmFacts(), []],
    "a running VM on an overlay of ours": [stray, ["adopt"]],
    "a VM that is shut off on an overlay of ours": [{ ...stray, state: "shut-off" }, ["adopt"]],
    "an overlay whose chain cannot be read": [
      { ...stray, chains: new Map(), chainTroubles: new Map([["vda", "no such file"]]) },
      ["unknown-base"],
    ],
    "an overlay that is based on nothing": [{ ...stray, chains: chainOf(ours) }, ["unknown-base"]],
    "a VM that would start on an overlay": [
      buildVmFacts({ domain: onBase, inactiveDomain: onOurs, chains: chainOf(base) }),
      ["unknown-base"],
    ],
    "another tool's overlay": [buildVmFacts({ domain: onTheirs, chains: chainOf(theirs, base) }), []],
    "another tool's overlay on top of ours": [
      buildVmFacts({ domain: onTheirs, chains: chainOf(theirs, ours, base) }),
      ["covered-overlay"],
    ],
    "an overlay of ours on top of another one of ours": [
      { ...stray, chains: chainOf(ours, "/images/vda.virtfold-20260101-000000-ffffff.qcow2", base) },
      ["adopt"],
    ],
    "a VM that an I/O error has paused": [
      buildVmFacts({ state: "paused", stateReason: "I/O error" }),
      ["paused-guest"],
    ],
    "a VM that an I/O error has paused on our overlay": [
      { ...stray, state: "paused", stateReason: "I/O error" },
      ["adopt"],
    ],
    "a VM that a person has paused": [buildVmFacts({ state: "paused", stateReason: "user" }), []],
  };
  for (const [name, [vm, expected]] of Object.entries(cases)) {
    it(`plans ${expected.join(", ") || "nothing"} for ${name}`, () =>
      assert.deepEqual(kinds(plan([vm])), expected));
  }

  it("names what lies below each overlay", () => {
    const [adoption] = plan([stray]);
    assert.ok(adoption?.kind === "adopt");
    const { backupId, overlays, isInUse } = adoption;
    assert.deepEqual(
      { backupId, overlays, isInUse },
      {
        backupId: "20261123-012500-a1b2c3",
        overlays: [
          { target: "vda", overlayPath: ours, basePath: base, baseFormat: "qcow2", baseSource: "file" },
        ],
        isInUse: true,
      },
    );
  });

  it("has only a guest thawed whose agent is known to be connected", () => {
    const thaws = (
      changes: Parameters<typeof buildDomain>[0],
      state: VmFacts["state"] = "running",
    ): boolean => {
      const domain = buildDomain({ disks: onOurs.disks, ...changes });
      const [adoption] = plan([{ ...stray, domain, state }]);
      assert.ok(adoption?.kind === "adopt");
      return adoption.thawsGuest;
    };
    assert.equal(thaws({}), true);
    assert.equal(thaws({ agentConnected: false }), false);
    assert.equal(thaws({ agentConnected: undefined }), false);
    assert.equal(thaws({ hasAgentChannel: false }), false);
    assert.equal(thaws({}, "shut-off"), false);
  });

  describe("for an overlay of ours whose base is a base of others", () => {
    const baseLayer = buildLayer({ path: base, identity: "file 1:7" });
    const chains = new Map([["vda", [buildLayer({ path: ours, identity: "file 1:8" }), baseLayer]]]);
    const vm = { ...stray, chains };
    const self = { uuid: vm.uuid, name: vm.name };
    const clone = { uuid: "ffffffff-1111-4222-8333-444455556666", name: "clone" };
    const planWith = (facts: VmFacts, imageUsers: ImageUsers): readonly Recovery[] =>
      planRecovery({ vms: [facts], guards: [], imageUsers });

    for (const state of ["running", "shut-off"] as const) {
      it(`writes nothing, and calls for a person, while the VM is ${state}`, () => {
        const [recovery, ...more] = planWith(
          { ...vm, state },
          new Map([[baseLayer.identity, [self, clone]]]),
        );
        assert.ok(recovery?.kind === "shared-base");
        const { target, overlayPath, basePath, users } = recovery;
        assert.deepEqual(
          { target, overlayPath, basePath, users },
          { target: "vda", overlayPath: ours, basePath: base, users: ["clone"] },
        );
        assert.deepEqual(more, []);
      });
    }

    it("folds no other disk of that VM either", () => {
      const data = "/images/vdb.virtfold-20261123-012500-a1b2c3.qcow2";
      const disks = [...onOurs.disks, buildDisk({ target: "vdb", path: data })];
      const both = new Map([...chains, ["vdb", [buildLayer({ path: data }), buildLayer({ path: "/d" })]]]);
      const two = { ...vm, domain: buildDomain({ disks }), chains: both };
      assert.deepEqual(kinds(planWith(two, new Map())), ["adopt"]);
      assert.deepEqual(kinds(planWith(two, new Map([[baseLayer.identity, [clone]]]))), ["shared-base"]);
    });

    it("takes the VM itself for no other one", () => {
      assert.deepEqual(kinds(planWith(vm, new Map([[baseLayer.identity, [self]]]))), ["adopt"]);
    });
  });

  it("leaves a VM with a guard to its guard", () => {
    assert.deepEqual(kinds(plan([stray], [buildGuardFacts()])), ["restore"]);
  });

  const guards: Record<string, [guard: Partial<GuardFacts>, expected: Recovery["kind"]]> = {
    "whose lease is young": [{ renewedSecondsAgo: 3 }, "held"],
    "whose lease has run out": [{ renewedSecondsAgo: 120 }, "restore"],
    "of before the last boot": [{ renewedSecondsAgo: undefined }, "restore"],
    "without a lease": [{ renewedSecondsAgo: 3, leaseSeconds: 0 }, "restore"],
    "that is stuck, however young": [{ renewedSecondsAgo: 3, state: "stuck" }, "restore"],
    "whose restore broke off": [{ state: "restoring" }, "restore"],
  };
  for (const [name, [guard, expected]] of Object.entries(guards)) {
    it(`plans ${expected} for a guard ${name}`, () =>
      assert.deepEqual(kinds(plan([], [buildGuardFacts(guard)])), [expected]));
  }

  it("looks at one VM when told to", () => {
    const other = buildGuardFacts({ uuid: "ffffffff-1111-4222-8333-444455556666" });
    const facts = { vms: [stray], guards: [other], imageUsers: new Map() };
    assert.deepEqual(kinds(planRecovery(facts, { uuid: stray.uuid })), ["adopt"]);
    assert.deepEqual(kinds(planRecovery(facts, { uuid: other.uuid })), ["restore"]);
  });
});
