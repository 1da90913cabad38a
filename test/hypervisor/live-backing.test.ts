// liveBackingPaths(): what lies under the images of a VM that runs.

import assert from "node:assert/strict";
import { it } from "node:test";
import { liveBackingPaths } from "../../lib/hypervisor/live-backing.ts";

const disk = (target: string, backing: string): string =>
  `<disk type='file' device='disk'><source file='/i/${target}.virtfold-1.qcow2'/>${backing}<target dev='${target}'/></disk>`;

it("reads what lies right under each disk's image, and nothing deeper", () => {
  const xml = `<domain type='kvm'><name>web</name><devices>
    ${disk("vda", "<backingStore type='file' index='1'><format type='qcow2'/><source file='/i/a &amp; b.qcow2'/><backingStore type='file' index='2'><source file='/i/deep.qcow2'/></backingStore></backingStore>")}
    ${disk("vdb", "<backingStore type='block' index='3'><format type='raw'/><source dev='/dev/loop7'/><backingStore/></backingStore>")}
    ${disk("vdc", "<backingStore/>")}
    ${disk("vdd", "")}
  </devices></domain>`;
  assert.deepEqual(
    [...liveBackingPaths(xml)],
    [
      ["vda", "/i/a & b.qcow2"],
      ["vdb", "/dev/loop7"],
    ],
  );
});
