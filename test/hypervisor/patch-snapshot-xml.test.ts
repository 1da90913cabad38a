import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DomainChanges } from "../../lib/hypervisor/domain-changes.ts";
import { patchSnapshotXml } from "../../lib/hypervisor/patch-snapshot-xml.ts";
import { parseSnapshot } from "../../lib/hypervisor/snapshot-xml.ts";
import { changedLines } from "./changed-lines.ts";
import { fixture, missing, runTool } from "./fixture.ts";

const uuid = "0b5e2a3c-7f0e-4d7b-9a55-6f4f5f0c1d2e";
const images = "/var/lib/libvirt/images";
const boot = { kernel: "/s/kernel", initrd: "/s/initrd" };

const snaptree: DomainChanges = {
  name: "snaptree-restore",
  uuid,
  disks: [
    {
      target: "vda",
      layers: [{ oldPath: `${images}/snaptree.qcow2`, path: "/s/vda & <x>.qcow2", format: "qcow2" }],
    },
  ],
  bootFiles: boot,
};

const domainLines = [
  "<name>snaptree-restore</name>",
  `<uuid>${uuid}</uuid>`,
  "<kernel>/s/kernel</kernel>",
  "<initrd>/s/initrd</initrd>",
  "<source file='/s/vda &amp; &lt;x&gt;.qcow2'/>",
];

const snapshotWith = (inside: string) =>
  `<domainsnapshot>\n<name>s</name>\n<parent><name>p</name></parent>\n${inside}</domainsnapshot>\n`;
const domainWith = (devices: string, tag = "domain") =>
  `<${tag}><name>n</name><uuid>u</uuid><devices>${devices}</devices></${tag}>`;
const disk = (path: string, target: string) =>
  `<disk type='file'><driver type='qcow2'/><source file='${path}'/><target dev='${target}'/></disk>`;

describe("patchSnapshotXml()", () => {
  for (const [file, times] of [
    ["snaptree.snapshot.zeta-base.xml", 1],
    ["snaptree.snapshot.beta-sibling.xml", 1],
    ["snaptree.snapshot.alpha-moment.xml", 2],
    ["snaptree.snapshot.mid-state.xml", 2],
  ] as const) {
    it(`changes the domains in ${file}, and no other line`, () => {
      const { xml, unpatched } = patchSnapshotXml(fixture(file), snaptree);
      assert.deepEqual(
        changedLines(fixture(file), xml),
        Array.from({ length: times }, () => domainLines).flat(),
      );
      assert.deepEqual(unpatched, []);
      const [before, after] = [parseSnapshot(fixture(file)), parseSnapshot(xml)];
      assert.deepEqual({ ...after, xml: "" }, { ...before, xml: "" });
    });

    it(`changes nothing else of ${file} for libxml2 either`, { skip: missing("xmllint") }, () => {
      const canonical = (text: string) => runTool("xmllint", ["--c14n", "-"], text).stdout;
      const patched = canonical(patchSnapshotXml(fixture(file), snaptree).xml);
      assert.equal(changedLines(canonical(fixture(file)), patched).length, times * domainLines.length);
    });
  }

  it("patches both domains of a VM with awkward names, and none in its metadata", () => {
    const changes: DomainChanges = {
      name: "ü & co",
      uuid,
      disks: [
        { target: "vda", layers: [{ oldPath: `${images}/to p,ü.qcow2`, path: "/s/a", format: "qcow2" }] },
        { target: "vdb", layers: [{ oldPath: `${images}/d.qcow2`, path: "/s/b", format: "qcow2" }] },
      ],
      bootFiles: {},
    };
    const before = fixture("awkward.snapshot.running.xml");
    const { xml, unpatched } = patchSnapshotXml(before, changes);
    assert.deepEqual(unpatched, []);
    assert.equal(xml.match(/<name>ü &amp; co<\/name>/g)?.length, 2);
    assert.equal(xml.match(/file='\/s\/a'/g)?.length, 2);
    assert.equal(xml.match(/file='\/s\/b'/g)?.length, 2);
    assert.doesNotMatch(xml, /images|seclabel/);
    const metadata = /<metadata>[\s\S]*?<\/metadata>/g;
    assert.deepEqual(xml.match(metadata), before.match(metadata));
    assert.match(xml, /<disk type="file" device="disk"><source file="\/x"\/>/);
  });

  for (const file of ["libvirt-7.0.snapshot.xml", "libvirt-11.3.snapshot.xml"]) {
    it(`patches ${file} wherever it names an image`, () => {
      const layers = [
        { oldPath: `${images}/to p,ü.qcow2`, path: "/s/a", format: "qcow2" },
        { oldPath: `${images}/mid.qcow2`, path: "/s/b", format: "qcow2" },
        { oldPath: `${images}/base.raw`, path: "/s/c", format: "raw" },
      ] as const;
      const own = { oldPath: `${images}/d.qcow2`, path: "/s/d", format: "qcow2" } as const;
      const disks = [
        { target: "vda", layers },
        { target: "vdb", layers: [own] as const },
      ];
      const { xml, unpatched } = patchSnapshotXml(fixture(file), { name: "n", uuid, disks, bootFiles: {} });
      assert.deepEqual(unpatched, []);
      assert.doesNotMatch(xml, /libvirt\/images/);
      assert.deepEqual(parseSnapshot(xml).internalTargets, ["vda", "vdb"]);
    });
  }

  it("follows an image that has become another layer, and a disk that has moved", () => {
    const changes: DomainChanges = {
      name: "n",
      uuid: "u",
      disks: [
        {
          target: "vda",
          layers: [
            { oldPath: "/new", path: "/s/new", format: "qcow2" },
            { oldPath: "/old", path: "/s/old", format: "qcow2" },
          ],
        },
        { target: "vdb", layers: [{ oldPath: "/b", path: "/s/b", format: "qcow2" }] },
      ],
      bootFiles: {},
    };
    const { xml } = patchSnapshotXml(
      snapshotWith(domainWith(disk("/old", "vda") + disk("/before-it-moved", "vdb"))),
      changes,
    );
    assert.equal(xml, snapshotWith(domainWith(disk("/s/old", "vda") + disk("/s/b", "vdb"))));
  });

  it("prefers a disk's own copies when images are shared", () => {
    const shared = (target: string) => ({
      target,
      layers: [
        { oldPath: `/${target}`, path: `/s/${target}`, format: "qcow2" as const },
        { oldPath: "/base", path: `/s/${target}.backing1`, format: "qcow2" as const },
      ] as const,
    });
    const changes = { name: "n", uuid: "u", disks: [shared("vda"), shared("vdb")], bootFiles: {} };
    const { xml } = patchSnapshotXml(snapshotWith(domainWith(disk("/base", "vdb"))), changes);
    assert.equal(xml, snapshotWith(domainWith(disk("/s/vdb.backing1", "vdb"))));
  });

  it("says once which disks of that time have no copy, and leaves them", () => {
    const gone = disk("/gone &amp; lost", "vdz");
    const xml = snapshotWith(domainWith(gone) + domainWith(gone, "inactiveDomain"));
    const result = patchSnapshotXml(xml, { ...snaptree, name: "n", uuid: "u" });
    assert.deepEqual(result, { xml, unpatched: [{ snapshot: "s", target: "vdz", path: "/gone & lost" }] });
  });

  it("patches disks that the snapshot names by their path, and nothing else of it", () => {
    const before = snapshotWith(
      `<creationTime>1</creationTime><disks><disk name='/old &amp; x' snapshot='internal'/><disk name='vda' snapshot='internal'/><disk name='/y' snapshot='no'/></disks><cookie><x file='/old &amp; x'/></cookie>`,
    );
    const changes = {
      ...snaptree,
      disks: [
        {
          target: "vda",
          layers: [{ oldPath: "/old & x", path: "/s/it's", format: "qcow2" as const }] as const,
        },
      ],
    };
    assert.equal(
      patchSnapshotXml(before, changes).xml,
      before.replace("<disk name='/old &amp; x'", "<disk name='/s/it&apos;s'"),
    );
  });
});
