import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PlanWarning } from "../../lib/model/plan.ts";
import type { Tpm, VmFacts } from "../../lib/model/vm.ts";
import { planWarnings } from "../../lib/plan/plan-warnings.ts";
import {
  buildDisk,
  buildDomain,
  buildLayer,
  buildSnapshot,
  buildTpm,
  buildVmFacts,
} from "../support/build-vm-facts.ts";

const overlay = "/images/web.other-tool";
const system = { uri: "qemu:///system" };
const withTpm = (changes: Partial<Tpm> = {}): VmFacts =>
  buildVmFacts({ domain: buildDomain({ tpm: buildTpm(changes) }) });
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
  "nothing of a TPM whose state is where libvirt keeps it": [withTpm(), []],
  "of a TPM whose state is somewhere else": [
    withTpm({ ownPlace: { folder: undefined } }),
    [{ kind: "tpm-state", why: "own-place" }],
  ],
  "of a TPM of which libvirt does not say enough": [
    withTpm({ version: undefined }),
    [{ kind: "tpm-state", why: "unknown-place" }],
  ],
  "of a TPM of another program": [
    withTpm({ backend: "other" }),
    [{ kind: "tpm-state", why: "other-program" }],
  ],
  "of a TPM whose state is encrypted": [withTpm({ secret: "5ec" }), [{ kind: "tpm-secret", name: "5ec" }]],
  "of the host's own TPM": [withTpm({ backend: "passthrough" }), [{ kind: "host-tpm" }]],
  "of UEFI variables on network storage": [
    buildVmFacts({ domain: buildDomain({ hasNetworkNvram: true }) }),
    [{ kind: "network-nvram" }],
  ],
};

describe("planWarnings()", () => {
  for (const [name, [vm, warnings]] of Object.entries(cases)) {
    it(`warns ${name}`, () => assert.deepEqual(planWarnings(vm, system), warnings));
  }

  it("warns of a TPM of a session, which keeps its state in somebody's home", () => {
    const warnings = planWarnings(withTpm(), { uri: "qemu:///session" });
    assert.deepEqual(warnings, [{ kind: "tpm-state", why: "unknown-place" }]);
  });
});
