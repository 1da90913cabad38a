import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withoutOverlays, type OverlayOnBase } from "../../lib/hypervisor/without-overlays.ts";
import { fixture } from "./fixture.ts";

const overlayPath = "/i/vda.virtfold-20261123-012500-a1b2c3.qcow2";
const onFile: OverlayOnBase = {
  overlayPath,
  basePath: "/i/a & b.qcow2",
  baseFormat: "qcow2",
  baseSource: "file",
};

function diskWith(disk: string): string {
  return `<domain>\n  <name>n</name>\n  <uuid>u</uuid>\n  <devices>\n${disk}  </devices>\n</domain>\n`;
}

describe("withoutOverlays()", () => {
  const cases: Readonly<Record<string, readonly [string, OverlayOnBase, string]>> = {
    "the file below, and the chain below that moves up": [
      `    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2' cache='none'/>
      <source file='${overlayPath}' index='4'/>
      <backingStore type='file'>
        <format type='qcow2'/>
        <source file='/i/a &amp; b.qcow2'/>
        <backingStore type='file'>
          <format type='raw'/>
          <source file='/i/golden'/>
          <backingStore/>
        </backingStore>
      </backingStore>
      <target dev='vda' bus='virtio'/>
    </disk>
`,
      onFile,
      `    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2' cache='none'/>
      <source file='/i/a &amp; b.qcow2'/>
      <backingStore type='file'>
          <format type='raw'/>
          <source file='/i/golden'/>
          <backingStore/>
        </backingStore>
      <target dev='vda' bus='virtio'/>
    </disk>
`,
    ],
    "a device, whose format is another one": [
      `    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='${overlayPath}'/>
      <backingStore type='block'>
        <format type='raw'/>
        <source dev='/dev/vg/x'/>
        <backingStore/>
      </backingStore>
      <target dev='vda' bus='virtio'/>
    </disk>
`,
      { overlayPath, basePath: "/dev/vg/x", baseFormat: "raw", baseSource: "block" },
      `    <disk type='block' device='disk'>
      <driver name='qemu' type='raw'/>
      <source dev='/dev/vg/x'/>
      <backingStore/>
      <target dev='vda' bus='virtio'/>
    </disk>
`,
    ],
    "a file, where the definition does not spell the chain out": [
      `    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='${overlayPath}'/>
      <target dev='vda' bus='virtio'/>
    </disk>
`,
      { ...onFile, baseFormat: "raw" },
      `    <disk type='file' device='disk'>
      <driver name='qemu' type='raw'/>
      <source file='/i/a &amp; b.qcow2'/>
      <target dev='vda' bus='virtio'/>
    </disk>
`,
    ],
  };
  for (const [what, [before, overlay, after]] of Object.entries(cases)) {
    it(`puts a disk back onto ${what}`, () => {
      assert.equal(withoutOverlays(diskWith(before), [overlay]), diskWith(after));
    });
  }

  it("makes of a real definition on an overlay the one of before, byte for byte", () => {
    const overlay: OverlayOnBase = {
      ...onFile,
      overlayPath: "/var/lib/libvirt/images/o2 v,er.qcow2",
      basePath: "/var/lib/libvirt/images/to p,ü.qcow2",
    };
    const after = withoutOverlays(fixture("awkward.overlay.inactive.xml"), [overlay]);
    assert.equal(after, fixture("awkward.inactive.xml"));
  });

  it("leaves what stands on no overlay alone", () => {
    const xml = fixture("db.inactive.xml");
    assert.equal(withoutOverlays(xml, [onFile]), xml);
  });
});
