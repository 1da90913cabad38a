import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DiskCopy, DomainChanges, LayerCopy } from "../../lib/hypervisor/domain-changes.ts";
import { parseDomain } from "../../lib/hypervisor/domain-xml.ts";
import { patchDomainXml } from "../../lib/hypervisor/patch-domain-xml.ts";
import { XmlError } from "../../lib/hypervisor/xml-error.ts";
import { changedLines } from "./changed-lines.ts";
import { fixture, missing, runTool } from "./fixture.ts";

const uuid = "0b5e2a3c-7f0e-4d7b-9a55-6f4f5f0c1d2e";
const images = "/var/lib/libvirt/images";
const store = "/srv/backups/hv1/db & <co>/2026-11-23";

function layer(oldPath: string, path: string, format: LayerCopy["format"] = "qcow2"): LayerCopy {
  return { oldPath, path, format };
}

function changesOf(disks: readonly DiskCopy[], bootFiles: DomainChanges["bootFiles"] = {}): DomainChanges {
  return { name: `new & "name" <ü>`, uuid, disks, bootFiles };
}

function domainWith(inside: string): string {
  return `<domain>\n  <name>n</name>\n  <uuid>u</uuid>\n${inside}</domain>\n`;
}

const db = changesOf(
  [
    { target: "vda", layers: [layer(`${images}/db-system.qcow2`, `${store}/vda.qcow2`)] },
    { target: "vdb", layers: [layer(`${images}/db-data.raw`, `${store}/vdb.raw`, "raw")] },
    { target: "sda", layers: [layer(`${images}/db-log.qcow2`, `${store}/sda.qcow2`)] },
  ],
  { kernel: `${store}/kernel`, initrd: `${store}/initrd` },
);

const awkwardLayers = [
  layer(`${images}/to p,ü.qcow2`, "/s/vda.qcow2"),
  layer(`${images}/mid.qcow2`, "/s/vda.backing1.qcow2"),
] as const;
const awkward = changesOf([
  { target: "vda", layers: [layer(`${images}/o2 v,er.qcow2`, "/s/vda.over.qcow2"), ...awkwardLayers] },
  { target: "vdb", layers: [layer(`${images}/d.qcow2`, "/s/vdb.qcow2")] },
]);

/** The same the other way round. */
function reversed(changes: DomainChanges, xml: string): DomainChanges {
  const { name, uuid: oldUuid, kernelPath, initrdPath } = parseDomain(xml);
  const disks = changes.disks.map(({ target, layers: [own, ...below] }): DiskCopy => {
    const turn = ({ oldPath, path, format }: LayerCopy): LayerCopy => ({
      oldPath: path,
      path: oldPath,
      format,
    });
    return { target, layers: [turn(own), ...below.map(turn)] };
  });
  return { name, uuid: oldUuid, disks, bootFiles: { kernel: kernelPath ?? "", initrd: initrdPath ?? "" } };
}

const escapedStore = store.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
const realCases: Readonly<Record<string, readonly [DomainChanges, readonly string[]]>> = {
  "db.inactive.xml": [
    db,
    [
      "<name>new &amp; &quot;name&quot; &lt;ü&gt;</name>",
      `<uuid>${uuid}</uuid>`,
      `<kernel>${escapedStore}/kernel</kernel>`,
      `<initrd>${escapedStore}/initrd</initrd>`,
      `<source file='${escapedStore}/vda.qcow2'/>`,
      `<source file='${escapedStore}/vdb.raw'/>`,
      `<source file='${escapedStore}/sda.qcow2'/>`,
    ],
  ],
  "awkward.overlay.inactive.xml": [
    awkward,
    [
      "<name>new &amp; &quot;name&quot; &lt;ü&gt;</name>",
      `<uuid>${uuid}</uuid>`,
      "<source file='/s/vda.over.qcow2'/>",
      "<source file='/s/vda.qcow2'/>",
      "<source file='/s/vdb.qcow2'>",
      "-<seclabel model='dac' relabel='no'/>",
    ],
  ],
};

describe("patchDomainXml()", () => {
  for (const [file, [changes, lines]] of Object.entries(realCases)) {
    it(`changes in ${file} what it must, and no other line`, () => {
      const { xml, unpatched } = patchDomainXml(fixture(file), changes);
      assert.deepEqual(changedLines(fixture(file), xml), lines);
      assert.deepEqual(unpatched, []);
    });

    it(`changes nothing else of ${file} for libxml2 either`, { skip: missing("xmllint") }, () => {
      const canonical = (text: string) => runTool("xmllint", ["--c14n", "-"], text).stdout;
      const patched = patchDomainXml(fixture(file), changes).xml;
      assert.equal(changedLines(canonical(fixture(file)), canonical(patched)).length, lines.length);
    });
  }

  it("patches what libvirt 7.0 and 11.3 write while a disk is on an overlay", () => {
    for (const file of ["libvirt-7.0.inactive.xml", "libvirt-11.3.inactive.xml"]) {
      const { xml, unpatched } = patchDomainXml(fixture(file), awkward);
      assert.deepEqual(unpatched, []);
      assert.doesNotMatch(xml, /libvirt\/images/);
    }
  });

  it("patched back, gives the same bytes", () => {
    const [before, after] = [fixture("db.inactive.xml"), patchDomainXml(fixture("db.inactive.xml"), db).xml];
    assert.equal(patchDomainXml(after, reversed(db, before)).xml, before);
  });

  it("patches whatever surrounds it: prolog, BOM, CRLF, comments", () => {
    const xml = `\uFEFF<?xml version="1.0"?>\r\n<!-- x -->\r\n<domain >\r\n<name\t>a</name >\r\n<uuid>u</uuid></domain>\r\n\r\n`;
    const patched = patchDomainXml(xml, { name: "b", uuid: "v", disks: [], bootFiles: {} }).xml;
    assert.equal(patched, xml.replace(">a<", ">b<").replace(">u<", ">v<"));
  });

  it("adds a UUID where there is none, and changes that of the SMBIOS table with it", () => {
    const smbios =
      "<sysinfo type='smbios'><system><entry name='uuid'>u</entry><entry name='serial'>u</entry></system></sysinfo>";
    const patch = (xml: string) =>
      patchDomainXml(xml, { name: "m", uuid: "v", disks: [], bootFiles: {} }).xml;
    assert.equal(
      patch("<domain>\n  <name>n</name>\n</domain>"),
      "<domain>\n  <name>m</name>\n  <uuid>v</uuid>\n</domain>",
    );
    assert.equal(
      patch(domainWith(smbios)),
      domainWith(smbios.replace("'uuid'>u", "'uuid'>v")).replace(">n<", ">m<").replace("<uuid>u", "<uuid>v"),
    );
  });

  it("says which disks and boot files still are those of the host", () => {
    const { unpatched, xml } = patchDomainXml(
      fixture("db.inactive.xml"),
      changesOf(db.disks.slice(0, 2), { kernel: "/k" }),
    );
    assert.deepEqual(unpatched, [
      { target: "sda", path: `${images}/db-log.qcow2` },
      { target: "initrd", path: "/var/lib/libvirt/boot/initrd.img" },
    ]);
    assert.match(xml, /db-log\.qcow2/);
  });

  it("leaves disks alone that a backup leaves out", () => {
    const others = [
      `<disk type='file' device='cdrom'><source file='/x'/><target dev='hdc'/><readonly/></disk>`,
      `<disk type='file' device='floppy'><source file='/x'/><target dev='fda'/></disk>`,
      `<disk type='file'><source file='/x'/><target dev='vdb'/><shareable/></disk>`,
      `<disk type='network'><source protocol='rbd' name='/x'/><target dev='vdc'/></disk>`,
    ].join("");
    const xml = domainWith(`<devices>${others}</devices>`);
    const changes = {
      name: "n",
      uuid: "u",
      disks: [{ target: "vda", layers: [layer("/x", "/s/x", "raw")] as const }],
      bootFiles: {},
    };
    assert.deepEqual(patchDomainXml(xml, changes), { xml, unpatched: [] });
  });

  const nvrams: readonly (readonly [string, string | undefined, string])[] = [
    ["<nvram template='/t'>/v/x</nvram>", "/s/a&b", "<nvram template='/t'>/s/a&amp;b</nvram>"],
    ["<nvram template='/t'>/v/x</nvram>", undefined, "<nvram template='/t'></nvram>"],
    [
      "<nvram template='/t' type='file'>\n<source file='/v/x'><seclabel/></source>\n</nvram>",
      "/s/x",
      "<nvram template='/t'>/s/x</nvram>",
    ],
    ["<nvram type='block'><source dev='/v/x'/></nvram>", undefined, "<nvram></nvram>"],
    ["<nvram template='/t'/>", undefined, "<nvram template='/t'/>"],
    ["<nvram type='file'/>", "/s/x", "<nvram>/s/x</nvram>"],
  ];
  for (const [before, path, after] of nvrams) {
    it(`makes ${after} of ${JSON.stringify(before)}`, () => {
      const bootFiles = path === undefined ? {} : { nvram: path };
      const { xml } = patchDomainXml(domainWith(`<os>${before}</os>`), {
        name: "n",
        uuid: "u",
        disks: [],
        bootFiles,
      });
      assert.equal(xml, domainWith(`<os>${after}</os>`));
    });
  }

  for (const name of ["a\0b", "\uFFFE", "a\u001bb"]) {
    it(`refuses the name ${JSON.stringify(name)}`, () => {
      assert.throws(() => patchDomainXml(domainWith(""), { ...changesOf([]), name }), XmlError);
    });
  }

  // virt-xml-validate is a script that calls xmllint.
  const noValidator = missing("virt-xml-validate") || missing("xmllint");
  it("gives libvirt a definition that fits its schema", { skip: noValidator }, () => {
    for (const [file, [changes]] of Object.entries(realCases)) {
      const patched = patchDomainXml(fixture(file), changes).xml;
      const result = runTool("virt-xml-validate", ["-", "domain"], patched);
      assert.equal(result.code, 0, result.stderr);
    }
  });
});
