import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { VmObstacle } from "../../lib/model/failure.ts";
import type { ImageUsers, VmFacts } from "../../lib/model/vm.ts";
import { checkVm, type CheckOptions } from "../../lib/plan/check-vm.ts";
import {
  buildDisk,
  buildDomain,
  buildDomainXml,
  buildLayer,
  buildSnapshot,
  buildVmFacts,
} from "../support/build-vm-facts.ts";

const options: CheckOptions = { quiesce: "auto", overlayDirectory: undefined };
const nobody: ImageUsers = new Map();
const ours = "/images/vda.virtfold-20261123-012500-a1b2c3.qcow2";
const skipped = { kind: "skipped", target: "hdc", reason: "cdrom", path: undefined } as const;

const backedBy = (path: string): string =>
  `<backingStore type='file'><format type='qcow2'/><source file='${path}'/><backingStore/></backingStore>`;

describe("checkVm()", () => {
  const accepted: Record<string, VmFacts> = {
    "a running VM": buildVmFacts(),
    "a VM that is shut off": buildVmFacts({ state: "shut-off" }),
    "a VM that a person paused": buildVmFacts({ state: "paused", stateReason: "user" }),
    "a VM that is shut off and has checkpoints": buildVmFacts({ state: "shut-off", checkpoints: ["one"] }),
    "a VM that is shut off with a managed save": buildVmFacts({ state: "shut-off", hasManagedSave: true }),
    "a VM whose snapshot is in the image below its own": buildVmFacts({
      chains: new Map([["vda", [buildLayer({ path: "/top" }), buildLayer({ snapshotNames: ["one"] })]]]),
      snapshots: [buildSnapshot()],
    }),
    "a VM with an external snapshot": buildVmFacts({
      snapshots: [buildSnapshot({ location: "external", internalTargets: [] })],
    }),
    "a VM with a snapshot of a disk that it has no longer": buildVmFacts({
      snapshots: [buildSnapshot({ internalTargets: ["vdz"] })],
    }),
    "a VM whose definition spells its whole chain out": buildVmFacts({
      inactiveXml: buildDomainXml(buildDomain(), backedBy("/below")),
      chains: new Map([["vda", [buildLayer(), buildLayer({ path: "/below" })]]]),
    }),
    "a VM on another tool's overlay": buildVmFacts({
      chains: new Map([["vda", [buildLayer({ path: "/images/web.snap1" }), buildLayer()]]]),
    }),
  };
  for (const [name, vm] of Object.entries(accepted)) {
    it(`accepts ${name}`, () => {
      assert.equal(checkVm(vm, { imageUsers: nobody }, options), undefined);
    });
  }

  const refused: Record<string, readonly [VmFacts, VmObstacle["kind"]]> = {
    "a transient VM": [buildVmFacts({ isPersistent: false }), "transient-domain"],
    "a VM paused by an I/O error": [
      buildVmFacts({ state: "paused", stateReason: "I/O error" }),
      "unusable-state",
    ],
    "a crashed VM": [buildVmFacts({ state: "crashed" }), "unusable-state"],
    "a VM that is shutting down": [buildVmFacts({ state: "in-shutdown" }), "unusable-state"],
    "a suspended VM": [buildVmFacts({ state: "suspended" }), "unusable-state"],
    "a VM in a state nobody knows": [buildVmFacts({ state: "unknown" }), "unusable-state"],
    "a VM that was migrated to another host": [
      buildVmFacts({ state: "shut-off", stateReason: "migrated" }),
      "migrated-away",
    ],
    "a VM with nothing but a CD-ROM": [
      buildVmFacts({ domain: buildDomain({ disks: [skipped] }) }),
      "no-disk",
    ],
    "a running VM with checkpoints": [buildVmFacts({ checkpoints: ["one"] }), "checkpoints"],
    "a VM with a block job": [buildVmFacts({ activeJobs: ["vda"] }), "active-job"],
    "a VM on an overlay of ours": [
      buildVmFacts({ domain: buildDomain({ disks: [buildDisk({ path: ours })] }) }),
      "own-overlay",
    ],
    "a VM whose definition names an overlay of ours": [
      buildVmFacts({ inactiveDomain: buildDomain({ disks: [buildDisk({ path: ours })] }) }),
      "own-overlay",
    ],
    "a VM that runs on another image than it is defined with": [
      buildVmFacts({ inactiveDomain: buildDomain({ disks: [buildDisk({ path: "/other.qcow2" })] }) }),
      "definition-differs",
    ],
    "a VM with a disk plugged in for now only": [
      buildVmFacts({
        domain: buildDomain({ disks: [buildDisk(), buildDisk({ target: "vdb" })] }),
        inactiveDomain: buildDomain(),
      }),
      "definition-differs",
    ],
    "a VM whose image cannot be read": [buildVmFacts({ chains: new Map() }), "unreadable-image"],
    "a VM with an endless chain": [
      buildVmFacts({ chains: new Map([["vda", Array.from({ length: 41 }, () => buildLayer())]]) }),
      "chain-too-deep",
    ],
    "a VM with an external data file": [
      buildVmFacts({ chains: new Map([["vda", [buildLayer({ obstacle: "external-data-file" })]]]) }),
      "external-data-file",
    ],
    "a VM whose definition names a deeper chain than its image has": [
      buildVmFacts({ inactiveXml: buildDomainXml(buildDomain(), backedBy("/below")) }),
      "uncopied-path",
    ],
    "a VM with a snapshot that its image does not hold": [
      buildVmFacts({
        snapshots: [buildSnapshot()],
        chains: new Map([["vda", [buildLayer({ snapshotNames: ["two"] })]]]),
      }),
      "snapshot-not-in-image",
    ],
    "a VM with a newline in a path": [
      buildVmFacts({ domain: buildDomain({ disks: [buildDisk({ path: "/a\nb" })] }) }),
      "unusable-path",
    ],
    "a VM without a folder for its overlay": [buildVmFacts({ freeBytes: new Map() }), "no-overlay-folder"],
    "a VM without room for its overlay": [
      buildVmFacts({ freeBytes: new Map([["/var/lib/libvirt/images", 50_000_000]]) }),
      "no-overlay-space",
    ],
  };
  for (const [name, [vm, kind]] of Object.entries(refused)) {
    it(`refuses ${name}`, () => {
      assert.equal(checkVm(vm, { imageUsers: nobody }, options)?.kind, kind);
    });
  }

  it("refuses to fold back into an image that another VM depends on", () => {
    const users: ImageUsers = new Map([
      [
        "file 1:2",
        [
          { uuid: buildDomain().uuid, name: "web" },
          { uuid: "x", name: "clone" },
        ],
      ],
    ]);
    const obstacle = checkVm(buildVmFacts(), { imageUsers: users }, options);
    assert.ok(obstacle?.kind === "shared-base");
    assert.deepEqual(obstacle.users, ["clone"]);
    assert.equal(checkVm(buildVmFacts({ state: "shut-off" }), { imageUsers: users }, options), undefined);
  });

  it("refuses a VM without an agent only when quiesce is required", () => {
    const vm = buildVmFacts({ domain: buildDomain({ agentConnected: false }) });
    assert.equal(checkVm(vm, { imageUsers: nobody }, options), undefined);
    assert.equal(
      checkVm(vm, { imageUsers: nobody }, { ...options, quiesce: "require" })?.kind,
      "agent-required",
    );
  });
});
