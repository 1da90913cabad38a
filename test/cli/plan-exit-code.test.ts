import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { planExitCode } from "../../lib/cli/plan-exit-code.ts";
import type { FleetPlan, PlannedVm } from "../../lib/model/fleet-plan.ts";
import { buildDomain, buildTpm, buildVmFacts } from "../support/build-vm-facts.ts";
import { buildFleetPlan, buildPlannedBackup, buildPlannedVm } from "../support/build-planned-vm.ts";

const whole = buildPlannedVm();
const degradedBackup = buildPlannedBackup(
  buildVmFacts({ domain: buildDomain({ tpm: buildTpm({ ownPlace: { folder: undefined } }) }) }),
);
const degraded = buildPlannedVm(degradedBackup);
const refused: PlannedVm = {
  ...{ host: "kvm1", vm: "x" },
  fate: { kind: "refused", reason: { kind: "vm-not-found", host: "kvm1", vm: "x", known: [] } },
};
const onOurOverlay: PlannedVm = {
  ...{ host: "kvm1", vm: "x" },
  fate: {
    kind: "refused",
    reason: {
      ...{ kind: "vm-obstacle", host: "kvm1", vm: "x" },
      obstacle: { kind: "own-overlay", target: "vda", path: "/i/x.virtfold-y.qcow2", backupId: "y" },
    },
  },
};
const first = (backup: PlannedVm["fate"] & { kind: "back-up" }): PlannedVm => ({
  ...{ host: "kvm1", vm: "x" },
  fate: { kind: "restore-first", backupId: "1", backup: backup.backup },
});
const failedHosts = [
  { host: "kvm2", reason: { kind: "connection-lost", host: "kvm2", detail: "" } },
] as const;
const tiny = { directory: "/store", freeBytes: 1 };

describe("planExitCode()", () => {
  const cases: readonly [name: string, plan: FleetPlan, wasStopped: boolean, code: number][] = [
    ["no VM at all", buildFleetPlan([]), false, 0],
    ["whole backups", buildFleetPlan([whole, whole]), false, 0],
    [
      "a whole backup after a restore",
      buildFleetPlan([first({ kind: "back-up", backup: buildPlannedBackup() })]),
      false,
      0,
    ],
    [
      "a degraded one after a restore",
      buildFleetPlan([first({ kind: "back-up", backup: degradedBackup })]),
      false,
      5,
    ],
    ["a degraded one", buildFleetPlan([whole, degraded]), false, 5],
    ["a refusal beside a degraded one", buildFleetPlan([degraded, refused]), false, 3],
    ["a host that cannot be asked", buildFleetPlan([whole], { failedHosts }), false, 3],
    ["a store that is too small", buildFleetPlan([whole, degraded], { store: tiny }), false, 3],
    ["no store named", buildFleetPlan([whole], { store: undefined }), false, 0],
    ["a VM on an overlay that no guard can fold", buildFleetPlan([refused, onOurOverlay]), false, 4],
    ["a signal", buildFleetPlan([refused], { isComplete: false }), true, 130],
  ];
  for (const [name, plan, wasStopped, code] of cases) {
    it(`gives ${code} for ${name}`, () => assert.equal(planExitCode(plan, { wasStopped }), code));
  }
});
