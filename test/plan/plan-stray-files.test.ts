import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Recovery } from "../../lib/model/recovery.ts";
import type { HostFacts } from "../../lib/model/vm.ts";
import { findUnused, planStrayFiles, type StrayLook } from "../../lib/plan/plan-stray-files.ts";
import { searchFolders } from "../../lib/plan/search-folders.ts";
import { buildGuardFacts } from "../support/build-guard-facts.ts";
import {
  buildDisk,
  buildDomain,
  buildHostFacts,
  buildLayer,
  buildVmFacts,
} from "../support/build-vm-facts.ts";

const base = "/images/it's <a> base & more.qcow2";
const path = "/images/vda.virtfold-20261123-012500-a1b2c3.qcow2";
const domain = buildDomain({ disks: [buildDisk({ path: base })] });
const chains = new Map([["vda", [buildLayer({ path: base })]]]);
const vm = buildVmFacts({ domain, chains });
const otherUuid = "ffffffff-1111-4222-8333-444455556666";
const facts = buildHostFacts([vm]);
const empty: StrayLook = {
  ...{ path, inode: "1:5", isPlain: true },
  ...{ backingPath: base, isEmpty: true, trouble: undefined },
};

const summarize = (recoveries: readonly Recovery[]): readonly string[] =>
  recoveries.map((recovery) => (recovery.kind === "stray-file" ? recovery.why : recovery.kind));

describe("planStrayFiles()", () => {
  const cases: Record<string, [look: Partial<StrayLook>, facts: Partial<HostFacts>, expected: string]> = {
    "an empty overlay above a VM's own disk": [{}, {}, "adopt"],
    "one that holds data": [{ isEmpty: false }, {}, "holds-data"],
    "one of which that cannot be told": [{ isEmpty: undefined }, {}, "unreadable"],
    "one that is based on nothing": [{ backingPath: undefined }, {}, "unknown-vm"],
    "one on an image that is no VM's disk": [{ backingPath: "/images/other.qcow2" }, {}, "unknown-vm"],
    "one on an image that two VMs run on": [
      {},
      { vms: [vm, buildVmFacts({ domain: { ...domain, uuid: otherUuid }, chains })] },
      "unknown-vm",
    ],
    "one on an image that the VM will not start on": [
      {},
      { vms: [buildVmFacts({ domain, inactiveDomain: buildDomain(), chains })] },
      "unknown-vm",
    ],
    "one on the disk of a VM that is off, which may run on it elsewhere": [
      {},
      { vms: [{ ...vm, state: "shut-off" }] },
      "unknown-vm",
    ],
    "one of a VM that has a guard": [{}, { guards: [buildGuardFacts({ backupId: "other" })] }, "guarded"],
    "one on a host with a VM that cannot be understood": [
      {},
      { unreadable: [{ name: undefined, uuid: otherUuid, detail: "no XML" }] },
      "unknown-users",
    ],
    "one on a host with a chain that cannot be read": [
      {},
      { vms: [{ ...vm, chainTroubles: new Map([["vdb", "no such file"]]) }] },
      "unknown-users",
    ],
    "a link": [{ isPlain: false, backingPath: undefined }, {}, "unreadable"],
    "no image": [{ trouble: "not in qcow2 format", backingPath: undefined }, {}, "unreadable"],
    "a copy to read from": [{ path: "/images/vda.virtfold-20261123-012500-a1b2c3.clone" }, {}, "clone"],
  };
  for (const [name, [look, changes, expected]] of Object.entries(cases)) {
    it(`plans ${expected} for ${name}`, () => {
      const recoveries = planStrayFiles([{ ...empty, ...look }], { ...facts, ...changes });
      assert.deepEqual(summarize(recoveries), [expected]);
    });
  }

  it("keeps an overlay on which another one is based", () => {
    const upper = { ...empty, path: "/images/vda.virtfold-20261124-000000-000000.qcow2", backingPath: path };
    assert.deepEqual(summarize(planStrayFiles([empty, upper], facts)), ["unknown-users", "unknown-vm"]);
  });

  it("puts all of one VM's under one guard", () => {
    const other = { ...empty, path: "/images/vda.virtfold-20261124-000000-000000.qcow2" };
    const [adoption, ...rest] = planStrayFiles([empty, other], facts);
    assert.ok(adoption?.kind === "adopt" && rest.length === 0);
    assert.equal(adoption.isInUse, false);
    assert.deepEqual(
      adoption.overlays.map(({ target, overlayPath, basePath }) => [target, overlayPath, basePath]),
      [
        ["vda", path, base],
        ["vda", other.path, base],
      ],
    );
  });
});

describe("findUnused()", () => {
  it("leaves out what a VM uses, by whatever path, and what a guard answers for", () => {
    const file = { path, inode: "1:5", isPlain: true };
    const imageUsers = new Map([["file 1:5", [{ uuid: vm.uuid, name: "web" }]]]);
    assert.deepEqual(findUnused([file], facts), [file]);
    assert.deepEqual(findUnused([file], { ...facts, imageUsers }), []);
    assert.deepEqual(findUnused([file], { ...facts, guards: [buildGuardFacts()] }), []);
    const clone = { ...file, path: path.replace(/qcow2$/, "clone") };
    assert.deepEqual(findUnused([clone], { ...facts, guards: [buildGuardFacts()] }), []);
    assert.deepEqual(findUnused([clone], { ...facts, guards: [buildGuardFacts({ backupId: "x" })] }), [
      clone,
    ]);
  });
});

describe("searchFolders()", () => {
  it("names each folder of an image once, libvirt's own, and those for overlays of the host and of single VMs", () => {
    const disks = [
      buildDisk({ path: "/a b/x.qcow2" }),
      buildDisk({ target: "vdb", path: "/a b/y.raw" }),
      buildDisk({ target: "vdc", path: "/dev/vg/z", source: "block" }),
    ];
    const layers = new Map([
      ["vda", [buildLayer({ path: "/a b/x.qcow2" }), buildLayer({ path: "/base/b.raw" })]],
    ]);
    const found = searchFolders(
      [buildVmFacts({ domain: buildDomain({ disks, name: "db" }), chains: layers })],
      (vm) => (vm === "db" ? "/overlays of db" : "/overlays"),
    );
    const folders = ["/var/lib/libvirt/images", "/a b", "/base", "/overlays", "/overlays of db"];
    assert.deepEqual(found, folders);
  });

  it("leaves out a folder that cannot be named in a line", () => {
    const disks = [buildDisk({ path: "/a\nb/x.qcow2" })];
    const found = searchFolders(
      [buildVmFacts({ domain: buildDomain({ disks }), chains: new Map() })],
      () => undefined,
    );
    assert.deepEqual(found, ["/var/lib/libvirt/images"]);
  });
});
