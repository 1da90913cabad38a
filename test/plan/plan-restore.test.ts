import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BackupError } from "../../lib/model/failure.ts";
import type { Misfit } from "../../lib/model/misfit.ts";
import { planRestore, type RestoreOptions } from "../../lib/plan/plan-restore.ts";
import { folderName, isPlainPath } from "../../lib/plan/restore-folder.ts";
import {
  buildManifest,
  buildStoredVm,
  buildStoredXml,
  buildTargetFacts,
  restoreAsked,
} from "../support/build-stored-vm.ts";

const { host, options, attempt } = restoreAsked;
type Found = Partial<Parameters<typeof planRestore>[0]>;
const plan = (found: Found = {}, changes: Partial<RestoreOptions> = {}) =>
  planRestore(
    { host, stored: buildStoredVm(), facts: buildTargetFacts(), ...found },
    { ...options, ...changes },
    attempt,
  );

function misfitsOf(found: Found, changes: Partial<RestoreOptions> = {}): readonly Misfit[] {
  try {
    plan(found, changes);
  } catch (error) {
    if (error instanceof BackupError && error.reason.kind === "restore-misfit") return error.reason.misfits;
    throw error;
  }
  return [];
}

describe("planRestore()", () => {
  it("gives the VM a name, a UUID and a folder of its own, and touches nothing of the original", () => {
    const { vm, folder, definition, files } = plan();
    assert.deepEqual(vm, { name: "web-restore-2026-11-23-012500", uuid: attempt.uuid });
    assert.equal(folder.path, "/images/web-restore-2026-11-23-012500");
    assert.equal(folder.stagedPath, `${folder.path}.virtfold-20261129-010203-abcdef.restoring`);
    assert.ok(!definition.includes("/images/web.qcow2") && !definition.includes("848021e0"), definition);
    assert.ok(definition.includes(`<source file='${folder.path}/vda.qcow2'/>`));
    assert.deepEqual(
      files.map(({ hostName }) => hostName),
      ["vda.qcow2"],
    );
  });

  const stored = (xml: string, changes = {}) =>
    buildStoredVm({ originalXml: buildStoredXml(xml), ...changes });
  const zstd = buildManifest();
  const cases: readonly (readonly [Misfit["kind"], Found, Partial<RestoreOptions>?])[] = [
    ["name-taken", {}, { name: "web" }],
    ["uuid-taken", { facts: buildTargetFacts({ vms: [{ name: "x", uuid: attempt.uuid }] }) }],
    [
      "folder-taken",
      {
        facts: buildTargetFacts({
          paths: new Map([
            ["/images", "folder"],
            ["/images/a", "other"],
          ]),
        }),
      },
      { name: "a" },
    ],
    ["no-image-folder", {}, { imageFolder: "/elsewhere" }],
    ["no-space", { facts: buildTargetFacts({ freeBytes: 10 }) }],
    ["machine", { facts: buildTargetFacts({ machineTrouble: "no such machine" }) }],
    ["network", { facts: buildTargetFacts({ missingPlugs: [{ kind: "network", name: "n" }] }) }],
    ["bridge", { facts: buildTargetFacts({ missingPlugs: [{ kind: "bridge", name: "br9" }] }) }],
    [
      "cpu-model",
      {
        stored: buildStoredVm({
          originalXml: buildStoredXml().replace(
            "<devices>",
            "<cpu mode='custom'><model>X</model></cpu><devices>",
          ),
        }),
        facts: buildTargetFacts({ cpuModels: ["Y"] }),
      },
    ],
    [
      "firmware",
      {
        stored: buildStoredVm({
          originalXml: buildStoredXml().replace("</os>", "<loader>/fw.fd</loader></os>"),
        }),
      },
    ],
    [
      "compression",
      {
        stored: buildStoredVm({
          manifest: { ...zstd, disks: zstd.disks.map((disk) => ({ ...disk, compression: "zstd" })) },
        }),
        facts: buildTargetFacts({ versions: { ...buildTargetFacts().versions, qemuImg: "4.2.1" } }),
      },
    ],
  ];
  for (const [kind, found, changes] of cases) {
    it(`refuses what does not fit: ${kind}`, () => {
      assert.deepEqual(
        misfitsOf(found, changes).map((misfit) => misfit.kind),
        [kind],
      );
    });
  }

  it("needs no network where the cables are pulled", () => {
    const facts = buildTargetFacts({ missingPlugs: [{ kind: "bridge", name: "br9" }] });
    assert.deepEqual(misfitsOf({ facts }, { network: { kind: "detach" } }), []);
  });

  it("leaves disks that only the original may write to out of the VM, and says so", () => {
    const disk = (device: string, source: string, target: string, more = ""): string =>
      `<disk type='file' device='${device}'><source file='${source}'/><target dev='${target}'/>${more}</disk>`;
    const xml = [
      disk("disk", "/images/shared.raw", "vdb", "<shareable/>"),
      disk("cdrom", "/gone.iso", "hdc", "<readonly/>"),
      disk("disk", "/images/tools.raw", "vdd", "<readonly/>"),
    ].join("");
    const paths = new Map([
      ["/images", "folder"],
      ["/images/shared.raw", "file"],
      ["/images/tools.raw", "file"],
    ] as const);
    const { definition, notes } = plan({ stored: stored(xml), facts: buildTargetFacts({ paths }) });
    assert.deepEqual(
      notes.map(({ kind }) => kind),
      ["disk-left-out", "medium-ejected"],
    );
    assert.ok(!/shared\.raw|gone\.iso/.test(definition), definition);
    assert.ok(definition.includes("/images/tools.raw"));
  });

  it("refuses a definition that names an image of which there is no copy", () => {
    const below = "<backingStore type='file'><format type='raw'/><source file='/etc/shadow'/></backingStore>";
    const originalXml = buildStoredXml().replace("<target dev='vda'", `${below}<target dev='vda'`);
    assert.throws(
      () => plan({ stored: buildStoredVm({ originalXml }) }),
      (error) =>
        error instanceof BackupError &&
        error.reason.kind === "backup-unusable" &&
        error.reason.detail.includes("/etc/shadow"),
    );
  });

  it("gives a VM that has no variables yet its own place for them", () => {
    const originalXml = buildStoredXml().replace(
      "</os>",
      "<nvram>/var/lib/libvirt/qemu/nvram/web_VARS.fd</nvram></os>",
    );
    const { definition, folder, notes } = plan({ stored: buildStoredVm({ originalXml }) });
    assert.ok(definition.includes(`<nvram>${folder.path}/nvram.fd</nvram>`), definition);
    assert.deepEqual(notes, [{ kind: "new-variables" }]);
  });
});

describe("folderName()", () => {
  it("is a name that nothing reads in another way", () => {
    for (const name of ["..", "-rf", `it's "a" & <b>`, "ü/ö", "x".repeat(300), "a,b=c:d"])
      assert.match(folderName(name), /^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/, name);
  });
});

describe("isPlainPath()", () => {
  it("takes only paths that lead nowhere else", () => {
    for (const path of ["/a", "/a/b c", "/a/..b"]) assert.ok(isPlainPath(path), path);
    for (const path of ["a", "", "/a/../b", "/a/..", "/a//b", "/a/./b", "/a\tb", "/a\nb"])
      assert.ok(!isPlainPath(path), path);
  });
});
