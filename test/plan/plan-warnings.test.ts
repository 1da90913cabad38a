import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PlanWarning } from "../../lib/model/plan.ts";
import type { VmFacts } from "../../lib/model/vm.ts";
import { planWarnings } from "../../lib/plan/plan-warnings.ts";
import {
  buildDisk,
  buildDomain,
  buildLayer,
  buildSnapshot,
  buildVmFacts,
} from "../support/build-vm-facts.ts";

const overlay = "/images/web.other-tool";
const external = { location: "external", internalTargets: [] } as const;
const cases: Record<string, readonly [VmFacts, readonly PlanWarning[]]> = {
  "nothing of an ordinary VM": [buildVmFacts(), []],
  "of a saved memory image, when nothing runs on those disks": [
    buildVmFacts({ state: "shut-off", hasManagedSave: true }),
    [{ kind: "managed-save" }],
  ],
  "of another tool's overlay": [
    buildVmFacts({
      domain: buildDomain({ disks: [buildDisk({ path: overlay })] }),
      chains: new Map([["vda", [buildLayer({ path: overlay }), buildLayer()]]]),
    }),
    [{ kind: "foreign-overlay", target: "vda", path: overlay }],
  ],
  "of an external snapshot and what descends from it": [
    buildVmFacts({
      snapshots: [
        buildSnapshot(),
        buildSnapshot({ ...external, name: "two", parent: "one" }),
        buildSnapshot({ name: "three", parent: "two" }),
      ],
    }),
    [
      { kind: "external-snapshot", name: "two" },
      { kind: "external-snapshot", name: "three" },
    ],
  ],
  "of an emulated TPM": [
    buildVmFacts({ domain: buildDomain({ hasTpmState: true }) }),
    [{ kind: "tpm-state" }],
  ],
  "of UEFI variables on network storage": [
    buildVmFacts({ domain: buildDomain({ hasNetworkNvram: true }) }),
    [{ kind: "network-nvram" }],
  ],
};

describe("planWarnings()", () => {
  for (const [name, [vm, warnings]] of Object.entries(cases)) {
    it(`warns ${name}`, () => assert.deepEqual(planWarnings(vm), warnings));
  }
});
