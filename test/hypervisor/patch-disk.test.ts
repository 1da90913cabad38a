import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DiskCopy, LayerCopy } from "../../lib/hypervisor/domain-changes.ts";
import { patchDomainXml } from "../../lib/hypervisor/patch-domain-xml.ts";

function layer(oldPath: string, path: string, format: LayerCopy["format"] = "qcow2"): LayerCopy {
  return { oldPath, path, format };
}

function domainWith(inside: string): string {
  return `<domain>\n  <name>n</name>\n  <uuid>u</uuid>\n${inside}</domain>\n`;
}

function patchDisk(disk: string, layers: DiskCopy["layers"]): string {
  const xml = domainWith(`<devices>${disk}</devices>`);
  const patched = patchDomainXml(xml, {
    name: "n",
    uuid: "u",
    disks: [{ target: "vda", layers }],
    bootFiles: {},
  }).xml;
  return /<devices>([\s\S]*)<\/devices>/.exec(patched)?.[1] ?? "";
}

describe("patchDisk()", () => {
  const target = "<target dev='vda'/>";
  const disks: Readonly<Record<string, readonly [string, DiskCopy["layers"], string]>> = {
    "a block device": [
      `<disk type='block' device='disk'><driver name='qemu' type='raw' cache='none' io='native'/><source dev='/dev/vg/x' index='1'/>${target}</disk>`,
      [layer("/dev/vg/x", "/s/a b.raw", "raw")],
      `<disk type='file' device='disk'><driver name='qemu' type='raw' cache='none' io='native'/><source file='/s/a b.raw'/>${target}</disk>`,
    ],
    "a device that stays one, with all that it has": [
      `<disk type="block"><source dev="/dev/x" index="1"><reservations managed='yes'/><seclabel relabel='no'/></source>${target}</disk>`,
      [{ ...layer("/dev/x", "/dev/x", "raw"), isDevice: true }],
      `<disk type="block"><source dev="/dev/x" index="1"><reservations managed='yes'/><seclabel relabel='no'/></source>${target}</disk>`,
    ],
    "a device that was named as a file": [
      `<disk type='file'><source file='/dev/x'/>${target}</disk>`,
      [{ ...layer("/dev/x", "/dev/x", "raw"), isDevice: true }],
      `<disk type='file'><source file='/dev/x'/>${target}</disk>`,
    ],
    "a copy that becomes a device again, on a base that is a file": [
      `<disk type='file'><driver type='qcow2'/><source file='/s/x'/><backingStore type='file'><format type='raw'/><source file='/s/b'/></backingStore>${target}</disk>`,
      [{ ...layer("/s/x", "/dev/x"), isDevice: true }, layer("/s/b", "/b", "raw")],
      `<disk type='block'><driver type='qcow2'/><source dev='/dev/x'/><backingStore type='file'><format type='raw'/><source file='/b'/></backingStore>${target}</disk>`,
    ],
    "a block device with reservations": [
      `<disk type="block"><source dev="/dev/x"><reservations managed='yes'/><seclabel relabel='no'/><slices/></source>${target}</disk>`,
      [layer("/dev/x", "/s/x", "raw")],
      `<disk type="file"><source file='/s/x'><slices/></source>${target}</disk>`,
    ],
    "a copy of another format": [
      `<disk type='file'><driver name='qemu' type='raw'/><source file='/x'/>${target}</disk>`,
      [layer("/x", "/s/x")],
      `<disk type='file'><driver name='qemu' type='qcow2'/><source file='/s/x'/>${target}</disk>`,
    ],
    "a copy of another format, the driver unnamed": [
      `<disk>\n  <source file='/x'/>\n  ${target}</disk>`,
      [layer("/x", "/s/x")],
      `<disk>\n  <driver name='qemu' type='qcow2'/>\n  <source file='/s/x'/>\n  ${target}</disk>`,
    ],
    "a raw copy of an unnamed format": [
      `<disk><source startupPolicy='optional' file='/x' fdgroup='g'/>${target}</disk>`,
      [layer("/x", "/s/x", "raw")],
      `<disk><source startupPolicy='optional' file='/s/x'/>${target}</disk>`,
    ],
    "a chain that is spelled out": [
      `<disk type='file'><driver type='qcow2'/><source file='/t'/><backingStore type='block' index='3'><format type='raw'/><source dev='/m' index='9'/><backingStore type='file'><source file='/b'/><backingStore/></backingStore></backingStore>${target}</disk>`,
      [layer("/t", "/s/t"), layer("/m", "/s/m"), layer("/b", "/s/b", "raw")],
      `<disk type='file'><driver type='qcow2'/><source file='/s/t'/><backingStore type='file'><format type='qcow2'/><source file='/s/m'/><backingStore type='file'><format type='raw'/><source file='/s/b'/><backingStore/></backingStore></backingStore>${target}</disk>`,
    ],
    "a chain whose paths are spelled differently": [
      `<disk type='file'><driver type='qcow2'/><source file='/link/t'/><backingStore type='file'><format type='qcow2'/><source file='/link/m'/></backingStore>${target}</disk>`,
      [layer("/t", "/s/t"), layer("/m", "/s/m")],
      `<disk type='file'><driver type='qcow2'/><source file='/s/t'/><backingStore type='file'><format type='qcow2'/><source file='/s/m'/></backingStore>${target}</disk>`,
    ],
    "a chain that ends at once": [
      `<disk type='file'><driver type='qcow2'/><source file='/t'/><backingStore/>${target}</disk>`,
      [layer("/t", "/s/t"), layer("/m", "/s/m")],
      `<disk type='file'><driver type='qcow2'/><source file='/s/t'/><backingStore/>${target}</disk>`,
    ],
    "an awkward path": [
      `<disk type='file'><source file="/x"/>${target}</disk>`,
      [layer("/x", `/s/"'&<>,:é -x`, "raw")],
      `<disk type='file'><source file="/s/&quot;&apos;&amp;&lt;&gt;,:é -x"/>${target}</disk>`,
    ],
  };
  for (const [what, [before, layers, after]] of Object.entries(disks)) {
    it(`patches ${what}`, () => {
      assert.equal(patchDisk(before, layers), after);
    });
  }

  it("reports a level of a chain that was not copied", () => {
    const disk = `<disk><driver type='qcow2'/><source file='/t'/><backingStore type='file'><source file='/m'/></backingStore>${target}</disk>`;
    const changes = {
      name: "n",
      uuid: "u",
      disks: [{ target: "vda", layers: [layer("/t", "/s/t")] as const }],
      bootFiles: {},
    };
    const { unpatched } = patchDomainXml(domainWith(`<devices>${disk}</devices>`), changes);
    assert.deepEqual(unpatched, [{ target: "vda", path: "/m" }]);
  });
});
