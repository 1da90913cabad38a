import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BackupError } from "../../lib/model/failure.ts";
import type { Misfit } from "../../lib/model/misfit.ts";
import type { VmFacts } from "../../lib/model/vm.ts";
import type { HostFile, OriginalFacts } from "../../lib/plan/original-facts.ts";
import { planOriginal } from "../../lib/plan/plan-original.ts";
import type { RestoreOptions } from "../../lib/plan/plan-restore.ts";
import type { StoredVm } from "../../lib/plan/stored-vm.ts";
import {
  buildManifest,
  buildStoredVm,
  buildStoredXml,
  buildTargetFacts,
  storedUuid,
} from "../support/build-stored-vm.ts";
import { buildDomain, buildTpm, buildHostFacts, buildVmFacts } from "../support/build-vm-facts.ts";

const host = { name: "kvm1", destination: "kvm1", uri: "qemu:///system" };
const attempt = { restoreId: "20261129-010203-abcdef", generationId: "g" };
const other = "99999999-2222-4333-8444-555555555555";

const file = (identity = "file 1:2", sha256?: string): HostFile => ({ kind: "file", identity, sha256 });
const vmThere = (changes: Partial<VmFacts> = {}): VmFacts =>
  buildVmFacts({ name: "web", uuid: storedUuid, state: "shut-off", ...changes });
const around = (changes: Partial<OriginalFacts> = {}, vms: readonly VmFacts[] = []): OriginalFacts => ({
  here: buildHostFacts(vms, { imageUsers: new Map([["file 1:2", vms.slice(0, 1)]]) }),
  ...{ elsewhere: [], unasked: [], files: new Map() },
  folders: new Map([["/images", { mount: "/", freeBytes: 10 ** 12 }]]),
  devices: { states: new Map(), volumeUsers: new Map() },
  ...changes,
});

interface Case {
  readonly stored?: StoredVm;
  readonly around?: OriginalFacts;
  readonly force?: boolean;
  readonly overwrites?: readonly string[];
  readonly network?: RestoreOptions["network"];
}

function plan({
  stored = buildStoredVm(),
  around: given = around(),
  force = false,
  overwrites = [],
  network,
}: Case = {}) {
  const options: RestoreOptions = {
    ...{ name: undefined, imageFolder: undefined, network: network ?? { kind: "keep" }, mac: "keep" },
    ...{
      withSnapshots: true,
      starts: false,
      leaseSeconds: 120,
      bytesPerSecond: 0,
      original: { isForced: force, overwrites },
    },
  };
  return planOriginal({ host, stored, facts: buildTargetFacts(), around: given }, options, attempt);
}

function misfitsOf(given: Case): readonly Misfit["kind"][] {
  try {
    plan(given);
  } catch (error) {
    if (error instanceof BackupError && error.reason.kind === "restore-misfit")
      return error.reason.misfits.map(({ kind }) => kind);
    throw error;
  }
  return [];
}

/** A backup whose one disk was there. */
function storedAt(path: string, kind: "file" | "block" = "file"): StoredVm {
  const manifest = buildManifest();
  const disks = manifest.disks.map((disk) => ({
    ...disk,
    source: { path, kind },
    layers: disk.layers.map((layer) => ({ ...layer, sourcePath: path })),
  }));
  return buildStoredVm({ manifest: { ...manifest, disks }, originalXml: buildStoredXml("", path) });
}

const inTheWay = { files: new Map([["/images/web.qcow2", file()]]) };
const elsewhere = (isOff: boolean) => ({ elsewhere: [{ host: "kvm9", name: "web", uuid: other, isOff }] });
const unasked = { unasked: [{ host: "kvm9", detail: "no answer" }] };

describe("planOriginal()", () => {
  it("gives the VM what it had, and keeps nothing aside where nothing is", () => {
    const { vm, definition, files, original } = plan();
    assert.deepEqual(vm, { name: "web", uuid: storedUuid });
    assert.equal(definition, buildStoredXml());
    assert.deepEqual(original, { startsWithHost: false, replaced: undefined });
    assert.deepEqual(
      files.map(({ path, stagedPath }) => [path, stagedPath]),
      [["/images/web.qcow2", "/images/web.qcow2.virtfold-20261129-010203-abcdef.restoring"]],
    );
  });

  const fit: Readonly<Record<string, Case>> = {
    "in the place of one that is shut off, with --force": {
      around: around(inTheWay, [vmThere()]),
      force: true,
    },
    "where another host has it shut off, with --force": { around: around(elsewhere(true)), force: true },
    "where a host does not answer, with --force": { around: around(unasked), force: true },
  };
  for (const [name, given] of Object.entries(fit))
    it(`plans it ${name}, and says so`, () => {
      assert.deepEqual(misfitsOf(given), []);
      assert.equal(plan(given).notes.length, 1);
    });

  it("keeps aside what is in the way of a VM that makes room, and its variables", () => {
    const path = "/nvram/web.fd";
    const domain = buildDomain({ nvramPath: path });
    const files = new Map([...inTheWay.files, [path, file("file 1:9")]]);
    const given = around({ files }, [vmThere({ domain, inactiveDomain: domain })]);
    const { original } = plan({ around: given, force: true });
    assert.deepEqual(
      original?.replaced?.files.map((one) => one.path),
      ["/images/web.qcow2", path],
    );
    assert.equal(original.replaced.folder, "/images/web.virtfold-20261129-010203-abcdef.replaced");
  });

  const running = vmThere({ state: "running" });
  const misfits: readonly (readonly [string, Misfit["kind"], Case])[] = [
    ["a VM that is there", "vm-there", { around: around(inTheWay, [vmThere()]) }],
    ["one that runs", "vm-there", { around: around(inTheWay, [running]), force: true }],
    ["one on another host", "vm-there", { around: around(elsewhere(true)) }],
    ["one that runs on another host", "vm-there", { around: around(elsewhere(false)), force: true }],
    [
      "one that cannot be read",
      "vm-there",
      {
        around: around({
          here: buildHostFacts([], { unreadable: [{ uuid: storedUuid, name: undefined, detail: "x" }] }),
        }),
        force: true,
      },
    ],
    [
      "two VMs in its place",
      "two-vms",
      { around: around({}, [vmThere({ name: "other" }), vmThere({ uuid: other })]), force: true },
    ],
    ["a host that does not answer", "host-not-asked", { around: around(unasked) }],
    ["memory", "has-memory", { around: around({}, [vmThere({ hasManagedSave: true })]), force: true }],
    [
      "checkpoints",
      "has-checkpoints",
      { around: around({}, [vmThere({ checkpoints: ["c"] })]), force: true },
    ],
    [
      "an emulated TPM with its state who knows where",
      "has-tpm",
      {
        around: around({}, [
          vmThere({ inactiveDomain: buildDomain({ tpm: buildTpm({ ownPlace: { folder: undefined } }) }) }),
        ]),
        force: true,
      },
    ],
    ["a file of nobody", "path-taken", { around: around(inTheWay), force: true }],
    [
      "a file of another VM",
      "path-shared",
      {
        around: around({
          ...inTheWay,
          here: buildHostFacts([vmThere()], {
            imageUsers: new Map([["file 1:2", [vmThere(), { uuid: other, name: "db" }]]]),
          }),
        }),
        force: true,
      },
    ],
    ...[
      [buildVmFacts({ uuid: other, chainTroubles: new Map([["vda", "it names no format"]]) })],
      [
        buildVmFacts({
          uuid: other,
          inactiveDomain: buildDomain({
            disks: [{ kind: "skipped", target: "vda", reason: "volume-source", path: "pool/web" }],
          }),
        }),
      ],
    ].map(([user]) => {
      const given = around(inTheWay, [vmThere(), user!]);
      return ["a file that another VM may stand on", "path-unsure", { around: given, force: true }] as const;
    }),
    [
      "a file that a VM which cannot be read may stand on",
      "path-unsure",
      {
        around: around({
          ...inTheWay,
          here: buildHostFacts([vmThere()], {
            imageUsers: new Map([["file 1:2", [vmThere()]]]),
            unreadable: [{ uuid: other, name: "odd", detail: "x" }],
          }),
        }),
        force: true,
      },
    ],
    ["a folder that is not there", "original-folder", { stored: storedAt("/gone/web.qcow2") }],
    ["a block device", "block-disk", { stored: storedAt("/dev/vg/web", "block") }],
    [
      "too little room",
      "no-space",
      { around: around({ folders: new Map([["/images", { mount: "/", freeBytes: 10 }]]) }) },
    ],
  ];
  for (const [what, kind, given] of misfits)
    it(`refuses ${what}: ${kind}`, () => {
      const found = misfitsOf(given);
      assert.ok(found.includes(kind), found.join());
    });

  for (const path of ["/etc/cron.d/x", "/usr/bin/sudo", "/images/../etc/shadow", "/boot/x"])
    it(`writes no file to ${path}, whatever the store says`, () => {
      const folders = new Map([[path.slice(0, path.lastIndexOf("/")), { mount: "/", freeBytes: 10 ** 12 }]]);
      const given = { stored: storedAt(path), around: around({ folders }), force: true };
      assert.deepEqual([...new Set(misfitsOf(given))], ["system-folder"]);
    });

  it("uses a base as it lies there when it is as it was, and names it in the image above", () => {
    const manifest = buildManifest();
    const [disk] = manifest.disks;
    const base = {
      ...{ fileName: "vda.backing1.raw", bytes: 5, sha256: "b".repeat(64), format: "raw" as const },
      ...{ allocatedBytes: 5, sourcePath: "/images/base.raw" },
    };
    const disks = [{ ...disk!, layers: [...disk!.layers, base] }];
    const stored = buildStoredVm({ manifest: { ...manifest, disks } });
    const there = (sha256: string) =>
      around({ files: new Map([["/images/base.raw", file("file 1:7", sha256)]]) });
    const { files } = plan({ stored, around: there("b".repeat(64)) });
    assert.deepEqual(
      files.map(({ path, backing }) => [path, backing]),
      [["/images/web.qcow2", { path: "/images/base.raw", format: "raw" }]],
    );
    assert.deepEqual(misfitsOf({ stored, around: there("c".repeat(64)), force: true }), ["path-taken"]);
  });

  it("knows an image in the middle of a chain by what it was on its host, not by its copy", () => {
    const manifest = buildManifest();
    const [disk] = manifest.disks;
    const [copied, original] = ["b".repeat(64), "d".repeat(64)];
    const below = (name: string, sha256: string) => ({
      ...{ fileName: `vda.${name}`, bytes: 5, sha256, format: "qcow2" as const },
      ...{ allocatedBytes: 5, sourcePath: `/images/${name}` },
    });
    const middle = { ...below("middle.qcow2", copied), sourceSha256: original };
    const disks = [{ ...disk!, layers: [...disk!.layers, middle, below("base.qcow2", copied)] }];
    const stored = buildStoredVm({ manifest: { ...manifest, disks } });
    const there = (sha256: string) =>
      around({ files: new Map([["/images/middle.qcow2", file("file 1:7", sha256)]]) });
    assert.deepEqual(
      plan({ stored, around: there(original) }).files.map(({ path, backing }) => [path, backing?.path]),
      [
        ["/images/base.qcow2", undefined],
        ["/images/web.qcow2", "/images/middle.qcow2"],
      ],
    );
    // A copy of ours names a base that lies beside it in the store.
    assert.deepEqual(misfitsOf({ stored, around: there(copied), force: true }), ["path-taken"]);
    // Backups of before that was noted know none again.
    const older = buildStoredVm({
      manifest: {
        ...manifest,
        disks: [
          { ...disk!, layers: [...disk!.layers, below("middle.qcow2", copied), below("base.qcow2", copied)] },
        ],
      },
    });
    assert.deepEqual(misfitsOf({ stored: older, around: there(copied), force: true }), ["path-taken"]);
  });

  it("keeps what a VM beside it could not have, and drops what the host does not have", () => {
    const disk = (device: string, path: string, target: string): string =>
      `<disk type='file' device='${device}'><source file='${path}'/><target dev='${target}'/><readonly/></disk>`;
    const more =
      "<interface type='user'><mac address='52:54:00:00:00:01'/><target dev='mine'/></interface>" +
      "<graphics type='vnc' port='5907'/><serial type='file'><source path='/var/log/web.log'/></serial>" +
      "<hostdev mode='subsystem' type='pci'/>" +
      disk("cdrom", "/gone.iso", "hdc");
    const stored = buildStoredVm({ originalXml: buildStoredXml(more) });
    const { definition, notes } = plan({ stored });
    for (const text of ["52:54:00:00:00:01", "dev='mine'", "5907", "/var/log/web.log", "<hostdev"])
      assert.ok(definition.includes(text), text);
    assert.ok(!definition.includes("/gone.iso"));
    assert.deepEqual(notes, [{ kind: "medium-ejected", target: "hdc", path: "/gone.iso" }]);
  });
});
