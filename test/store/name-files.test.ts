import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { filePathPattern } from "../../lib/store/layout.ts";
import type { FileNames, FilesToName } from "../../lib/store/name-files.ts";
import { nameFiles } from "../../lib/store/name-files.ts";
import { awkwardNames } from "./sample-backup.ts";

const nothing: FilesToName = { disks: [], newName: "web-restore", snapshots: [], bootFiles: [] };

const all = (names: FileNames): readonly string[] => [
  ...names.disks.flat(),
  names.originalXml,
  names.patchedXml,
  ...names.snapshots,
  ...names.bootFiles,
];

describe("nameFiles()", () => {
  it("names files after what they are", () => {
    const names = nameFiles({
      disks: [
        { target: "vda", formats: ["qcow2", "qcow2", "raw"] },
        { target: "vdb", formats: ["raw"] },
      ],
      newName: "web-restore-2026-11-23-012500",
      snapshots: ["zeta base", "nach Update ü"],
      bootFiles: [
        { role: "nvram", path: "/var/lib/libvirt/qemu/nvram/web_VARS.fd" },
        { role: "kernel", path: "/boot/vmlinuz" },
        { role: "initrd", path: "/boot/vmlinuz" },
      ],
    });
    assert.deepEqual(names, {
      disks: [["vda.qcow2", "vda.backing1.qcow2", "vda.backing2.raw"], ["vdb.raw"]],
      originalXml: "original.xml",
      patchedXml: "web-restore-2026-11-23-012500.xml",
      snapshots: ["snapshots/zeta base.xml", "snapshots/nach Update ü.xml"],
      bootFiles: ["nvram/web_VARS.fd", "boot/vmlinuz", "boot/vmlinuz~2"],
    });
  });

  it("keeps names apart where case or composition does not count", () => {
    const names = nameFiles({
      ...nothing,
      snapshots: ["A", "a", "a~2", "\u00E9", "e\u0301", "straße", "STRASSE"],
    });
    assert.deepEqual(names.snapshots, [
      "snapshots/A.xml",
      "snapshots/a~2.xml",
      "snapshots/a~2~2.xml",
      "snapshots/\u00E9.xml",
      "snapshots/e\u0301~2.xml",
      "snapshots/straße.xml",
      "snapshots/STRASSE~2.xml",
    ]);
  });

  it("keeps the new definition off the original one", () => {
    assert.equal(nameFiles({ ...nothing, newName: "Original" }).patchedXml, "Original~2.xml");
  });

  it("encodes a disk's target that is none", () => {
    const disks = [{ target: "../vda", formats: ["raw" as const] }];
    assert.deepEqual(nameFiles({ ...nothing, disks }).disks, [["%2E.%2Fvda.raw"]]);
  });

  it("keeps a disk's target that looks like a layer off that layer", () => {
    const disks = [
      { target: "vda", formats: ["qcow2", "raw"] as const },
      { target: "vda.backing1", formats: ["raw"] as const },
    ];
    assert.deepEqual(nameFiles({ ...nothing, disks }).disks, [
      ["vda.qcow2", "vda.backing1.raw"],
      ["vda.backing1~2.raw"],
    ]);
  });

  it("makes safe, distinct paths of awkward names", () => {
    const names = nameFiles({
      disks: awkwardNames.map((target) => ({ target, formats: ["qcow2", "raw"] })),
      newName: awkwardNames.join(""),
      snapshots: awkwardNames,
      bootFiles: awkwardNames.map((path) => ({ role: "nvram", path })),
    });
    for (const name of all(names)) {
      assert.match(name, filePathPattern);
      for (const component of name.split("/")) assert.ok(Buffer.byteLength(component) <= 255);
    }
    const folded = all(names).map((name) => name.normalize("NFC").toLowerCase());
    assert.equal(new Set(folded).size, folded.length);
  });
});
