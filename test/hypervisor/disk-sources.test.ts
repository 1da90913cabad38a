import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { diskSources } from "../../lib/hypervisor/disk-sources.ts";

const vda = "<target dev='vda'/>";
const domainWith = (devices: string) =>
  `<domain><name>n</name><uuid>u</uuid><devices>${devices}</devices></domain>`;

describe("diskSources()", () => {
  it("names every file and device of every disk once", () => {
    const xml = domainWith(`
        <disk type='file' device='cdrom'><source file='/x.iso'/>${vda}</disk>
        <disk type='block'><source dev='/dev/a'/>${vda}<shareable/></disk>
        <disk type='file'><source file='/top &amp; all'/><backingStore type='block'><source dev='/dev/mid'/>
          <backingStore type='file'><source file='/base'/><backingStore/></backingStore></backingStore>
          <mirror type='file'><source file='/mirror'/></mirror>${vda}</disk>
        <disk type='file'><source file='/other'/><backingStore type='file'><source file='/base'/></backingStore>${vda}<readonly/></disk>
        <disk type='network'><source protocol='nbd' name='n'/>${vda}</disk>
        <disk type='file' device='floppy'>${vda}</disk>`);
    const expected = ["/x.iso", "/dev/a", "/top & all", "/dev/mid", "/base", "/mirror", "/other"];
    assert.deepEqual(diskSources(xml), expected);
  });

  it("names none that metadata, comments and CDATA hold", () => {
    const disk = "<disk type='file'><source file='/x'/><target dev='vdz'/></disk>";
    const xml = domainWith(`<!-- ${disk} --><![CDATA[${disk}]]><?x ${disk}?><y>${disk}</y>`);
    assert.deepEqual(
      diskSources(xml.replace("<uuid>", `<metadata><devices>${disk}</devices></metadata><uuid>`)),
      [],
    );
  });
});
