// Whether a disk may be written back onto its block device, and what the plan does with it then.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DeviceState, DeviceUse } from "../../lib/model/device.ts";
import { BackupError } from "../../lib/model/failure.ts";
import type { Misfit } from "../../lib/model/misfit.ts";
import type { RestorePlan } from "../../lib/model/restore.ts";
import type { VmFacts } from "../../lib/model/vm.ts";
import type { OriginalFacts } from "../../lib/plan/original-facts.ts";
import { planOriginal } from "../../lib/plan/plan-original.ts";
import type { StoredVm } from "../../lib/plan/stored-vm.ts";
import { describeMisfit } from "../../lib/report/describe-restore-reason.ts";
import type { Manifest } from "../../lib/store/manifest.ts";
import {
  buildManifest,
  buildStoredVm,
  buildStoredXml,
  buildTargetFacts,
  restoreAsked,
  storedUuid,
} from "../support/build-stored-vm.ts";
import { buildDomain, buildHostFacts, buildVmFacts } from "../support/build-vm-facts.ts";

const host = { name: "kvm1", destination: "kvm1", uri: "qemu:///system" };
const attempt = { restoreId: "20261129-010203-abcdef", generationId: "g" };
const path = "/dev/vg/web";
const other = "99999999-2222-4333-8444-555555555555";
type Device = Extract<DeviceState, { kind: "device" }>;

const free = (changes: Partial<Device> = {}): Device => ({
  ...{ kind: "device", number: "253:3", kin: ["253:3"], bytes: 1000, isReadOnly: false, uses: [] },
  ...changes,
});

/** A backup whose one raw disk was on that device; with these disks more. */
function onDevice(device = path, more: Manifest["disks"] = []): StoredVm {
  const manifest = buildManifest();
  const disks = manifest.disks.map((disk): Manifest["disks"][number] => ({
    ...disk,
    format: "raw",
    source: { path: device, kind: "block" },
    layers: disk.layers.map((layer) => ({ ...layer, format: "raw" as const, sourcePath: device })),
  }));
  const originalXml = buildStoredXml()
    .replace("type='file' device='disk'", "type='block' device='disk'")
    .replace("type='qcow2'/>", "type='raw'/>")
    .replace("file='/images/web.qcow2'", `dev='${device}'`)
    .replace(
      "</devices>",
      `${more.map(({ target, source }) => `<disk type='${source.kind}' device='disk'><source ${source.kind === "block" ? "dev" : "file"}='${source.path}'/><target dev='${target}'/></disk>`).join("")}</devices>`,
    );
  return buildStoredVm({ manifest: { ...manifest, disks: [...disks, ...more] }, originalXml });
}

const disk = (target: string, source: Manifest["disks"][number]["source"]): Manifest["disks"][number] => ({
  ...buildManifest().disks[0]!,
  ...{ target, format: "raw", source },
  layers: [
    {
      ...buildManifest().disks[0]!.layers[0]!,
      fileName: `${target}.raw`,
      format: "raw",
      sourcePath: source.path,
    },
  ],
});

interface Case {
  readonly stored?: StoredVm;
  readonly named?: readonly string[];
  readonly states?: Readonly<Record<string, DeviceState>>;
  readonly vms?: readonly VmFacts[];
  readonly changes?: Partial<OriginalFacts>;
  readonly force?: boolean;
}

function plan({
  stored = onDevice(),
  named = [path],
  states = { [path]: free() },
  vms = [],
  changes,
  force,
}: Case = {}): RestorePlan {
  const around: OriginalFacts = {
    here: buildHostFacts(vms),
    ...{ elsewhere: [], unasked: [], files: new Map() },
    folders: new Map(
      ["/images", "/var/lib/libvirt/images"].map((folder) => [folder, { mount: "/", freeBytes: 10 ** 12 }]),
    ),
    devices: { states: new Map(Object.entries(states)), volumeUsers: new Map() },
    ...changes,
  };
  const options = { ...restoreAsked.options, original: { isForced: force === true, overwrites: named } };
  return planOriginal({ host, stored, facts: buildTargetFacts(), around }, options, attempt);
}

function misfitsOf(given: Case): readonly Misfit[] {
  try {
    plan(given);
  } catch (error) {
    if (error instanceof BackupError && error.reason.kind === "restore-misfit") return error.reason.misfits;
    throw error;
  }
  return [];
}
const sentences = (given: Case): string => misfitsOf(given).map(describeMisfit).join("; ");

describe("planOriginal() of a VM on a block device", () => {
  it("writes the disk onto the device that was named, changes nothing else about it, and says what is lost", () => {
    const { files, definition, notes, neededBytes } = plan();
    assert.deepEqual(
      files.map((file) => [file.path, file.stagedPath, file.device]),
      [[path, path, "253:3"]],
    );
    assert.equal(definition, onDevice().originalXml);
    assert.deepEqual(notes, [{ kind: "device-overwritten", target: "vda", path }]);
    assert.equal(neededBytes, 0);
  });

  it("leaves a device as it was named, also where it was named as if it were a file", () => {
    const stored = onDevice();
    const originalXml = stored.originalXml
      .replace("type='block'", "type='file'")
      .replace("dev='/dev", "file='/dev");
    assert.equal(plan({ stored: { ...stored, originalXml } }).definition, originalXml);
  });

  it("writes devices last, and looks for room for the files only", () => {
    const stored = onDevice(path, [disk("vdb", { path: "/images/data.raw", kind: "file" })]);
    const { files, folder } = plan({ stored });
    assert.deepEqual(
      files.map((file) => file.path),
      ["/images/data.raw", path],
    );
    assert.equal(folder.path, "/images");
  });

  it("keeps aside a VM that is on something else, and nothing of the device", () => {
    const vms = [buildVmFacts({ name: "web", uuid: storedUuid, state: "shut-off" })];
    const { original } = plan({ vms, force: true });
    assert.deepEqual(original?.replaced?.files, []);
    assert.equal(
      original.replaced.folder,
      "/var/lib/libvirt/images/web.virtfold-20261129-010203-abcdef.replaced",
    );
  });

  it("asks for the very option, with the path as a shell takes it", () => {
    const odd = "/dev/vg/it's";
    const stored = onDevice();
    const manifest = { ...stored.manifest, disks: [disk("vda", { path: odd, kind: "block" })] };
    const text = sentences({ stored: { ...stored, manifest }, named: [], states: { [odd]: free() } });
    assert.match(text, /^disk "vda" was on block device .* all that is on it now would be lost/);
    assert.ok(text.includes(`--overwrite-device '/dev/vg/it'\\''s'`), text);
  });

  it("does not take --force for it, and tells everything at once", () => {
    const states = { [path]: free({ bytes: 999, isReadOnly: true, uses: [{ kind: "swap", name: path }] }) };
    assert.deepEqual(
      misfitsOf({ named: [], states, force: true }).map(({ kind }) => kind),
      ["block-disk", "device-too-small", "device-read-only", "device-used"],
    );
  });

  const unfit: readonly (readonly [string, DeviceState | undefined, Misfit["kind"]])[] = [
    ["that is not there", { kind: "missing" }, "no-device"],
    ["that is a file", { kind: "other" }, "not-a-device"],
    ["of which nothing is known", { kind: "unknown", detail: "x" }, "device-unknown"],
    ["that nobody has looked at", undefined, "device-unknown"],
    ["that is too small", free({ bytes: 999 }), "device-too-small"],
    ["that is read-only", free({ isReadOnly: true }), "device-read-only"],
  ];
  for (const [what, state, kind] of unfit)
    it(`refuses a device ${what}`, () => {
      const states = state === undefined ? {} : { [path]: state };
      assert.deepEqual(
        misfitsOf({ states }).map((misfit) => misfit.kind),
        [kind],
      );
    });

  const uses: readonly (readonly [DeviceUse, RegExp])[] = [
    [{ kind: "mounted", name: "/mnt" }, /mounted at "\/mnt" \(umount/],
    [{ kind: "holder", name: "vg-web1" }, /device "vg-web1" is on top of it/],
    [{ kind: "swap", name: path }, /swaps to it/],
    [{ kind: "loop", name: "loop4" }, /loop device "loop4"/],
    [{ kind: "process", name: "qemu-system-x86 12" }, /process "qemu-system-x86 12" may write/],
    [{ kind: "claimed", name: "" }, /kernel has given it/],
  ];
  for (const [use, sentence] of uses)
    it(`refuses a device that is in use: ${use.kind}`, () => {
      assert.match(sentences({ states: { [path]: free({ uses: [use] }) } }), sentence);
    });

  it("says that the kernel has claimed a device only where nobody knows why", () => {
    const mounted = [{ kind: "mounted", name: "/mnt" } as const, { kind: "claimed", name: "" } as const];
    assert.equal(misfitsOf({ states: { [path]: free({ uses: mounted }) } }).length, 1);
  });

  const users = (identity: string, ...vms: readonly { uuid: string; name: string }[]) =>
    new Map([[identity, vms]]);
  const db = { uuid: other, name: "db" };
  it("refuses a device, a partition of it, or a volume that another VM uses, by number", () => {
    const here = buildHostFacts([], { imageUsers: users("block 253:4", db) });
    assert.deepEqual(misfitsOf({ changes: { here } }), []);
    const states = { [path]: free({ kin: ["253:3", "253:4"] }) };
    const expected = [{ kind: "device-shared", path, vms: ["db"] }];
    assert.deepEqual(misfitsOf({ states, changes: { here } }), expected);
    const devices = { states: new Map([[path, free()]]), volumeUsers: users("block 253:3", db) };
    assert.deepEqual(misfitsOf({ changes: { devices } }), expected);
  });

  it("refuses where a VM cannot be read", () => {
    const here = buildHostFacts([], { unreadable: [{ uuid: other, name: "odd", detail: "x" }] });
    assert.deepEqual(misfitsOf({ changes: { here } }), [
      { kind: "device-unsure", path, vm: "odd", detail: "x" },
    ]);
  });

  for (const force of [false, true])
    it(`never puts a VM that is on the device aside${force ? ", with --force neither" : ""}: it says how it goes`, () => {
      const inactiveDomain = buildDomain({ nvramPath: "/nvram/web" });
      const vm = buildVmFacts({ name: "web", uuid: storedUuid, state: "shut-off", inactiveDomain });
      const here = buildHostFacts([vm], { imageUsers: users("block 253:3", vm) });
      const text = sentences({ changes: { here }, force });
      assert.match(
        text,
        /^VM "web" is on "\/dev\/vg\/web", .*virsh undefine --snapshots-metadata --nvram --domain web;/,
      );
    });

  it("says of a VM on the device that runs that it runs", () => {
    const vm = buildVmFacts({ name: "web", uuid: storedUuid, state: "running" });
    const here = buildHostFacts([vm], { imageUsers: users("block 253:3", vm) });
    assert.deepEqual(
      misfitsOf({ changes: { here }, force: true }).map(({ kind }) => kind),
      ["vm-there", "device-of-replaced"],
    );
  });

  it("refuses two disks on what is one device there", () => {
    const twin = "/dev/mapper/vg-web";
    const stored = onDevice(path, [disk("vdb", { path: twin, kind: "block" })]);
    const states = { [path]: free(), [twin]: free() };
    assert.deepEqual(misfitsOf({ stored, named: [path, twin], states }), [
      { kind: "device-twice", path: twin, otherPath: path },
    ]);
  });

  it("never writes what is below a disk to a device, and uses it as it lies there when it is as it was", () => {
    const stored = onDevice();
    const [top] = stored.manifest.disks;
    const base = {
      ...top!.layers[0]!,
      fileName: "vda.backing1.raw",
      sourcePath: "/dev/vg/base",
      sha256: "b".repeat(64),
    };
    const disks = [
      { ...top!, format: "qcow2" as const, layers: [{ ...top!.layers[0]!, format: "qcow2" as const }, base] },
    ];
    const chained = { ...stored, manifest: { ...stored.manifest, disks } };
    const named = [path];
    assert.deepEqual(misfitsOf({ stored: chained, named }), [
      { kind: "base-device", target: "vda", path: "/dev/vg/base" },
    ]);
    const there = { kind: "other", identity: "block 253:9", sha256: "b".repeat(64) } as const;
    const { files } = plan({
      stored: chained,
      named,
      changes: { files: new Map([["/dev/vg/base", there]]) },
    });
    assert.deepEqual(
      files.map((file) => [file.path, file.backing]),
      [[path, { path: "/dev/vg/base", format: "raw" }]],
    );
  });

  for (const hostile of ["/dev/vg/../sda", "/dev//sda", "dev/sda", "/dev/sd\na", "-rf"])
    it(`writes nothing to ${JSON.stringify(hostile)}, whatever the store says and whoever names it`, () => {
      const stored = onDevice();
      const manifest = { ...stored.manifest, disks: [disk("vda", { path: hostile, kind: "block" })] };
      const kinds = misfitsOf({
        stored: { ...stored, manifest },
        named: [hostile],
        states: { [hostile]: free() },
      });
      assert.ok(
        kinds.some(({ kind }) => kind === "system-folder"),
        JSON.stringify(kinds),
      );
    });
});
