import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseDomain } from "../../lib/hypervisor/domain-xml.ts";
import { XmlError } from "../../lib/hypervisor/xml-error.ts";
import type { DomainDisk } from "../../lib/model/vm.ts";
import { buildTpm } from "../support/build-vm-facts.ts";
import { fixture } from "./fixture.ts";

function domainWith({ devices = "", os = "", metadata = "" }): string {
  return `<domain type='kvm'><name>web</name><uuid>u</uuid><metadata>${metadata}</metadata><os><type>hvm</type>${os}</os><devices>${devices}</devices></domain>`;
}

function readOnly(disk: string): DomainDisk {
  const [only, ...others] = parseDomain(domainWith({ devices: disk })).disks;
  assert.ok(only);
  assert.equal(others.length, 0);
  return only;
}

const qcow2 = "<driver name='qemu' type='qcow2'/>";
const vda = "<target dev='vda' bus='virtio'/>";

const skipped: Readonly<Record<string, readonly [string, string, string | undefined]>> = {
  "a CD-ROM": [
    `<disk type='file' device='cdrom'><source file='/x.iso'/>${vda}<readonly/></disk>`,
    "cdrom",
    "/x.iso",
  ],
  "a CD-ROM without a medium": [
    `<disk type='file' device='cdrom'>${vda}<readonly/></disk>`,
    "cdrom",
    undefined,
  ],
  "a CD-ROM from the network": [
    `<disk type='network' device='cdrom'><source protocol='https' name='a/x.iso'/>${vda}</disk>`,
    "cdrom",
    "https:a/x.iso",
  ],
  "a floppy": [`<disk type='file' device='floppy'><source file='/x'/>${vda}</disk>`, "floppy", "/x"],
  "a LUN": [`<disk type='block' device='lun'><source dev='/dev/sdb'/>${vda}</disk>`, "lun", "/dev/sdb"],
  "a read-only disk": [
    `<disk type='file'>${qcow2}<source file='/x'/>${vda}<readonly/></disk>`,
    "read-only",
    "/x",
  ],
  "a shared disk": [
    `<disk type='file'>${qcow2}<source file='/x'/>${vda}<shareable/></disk>`,
    "shareable",
    "/x",
  ],
  "a transient disk": [
    `<disk type='file'>${qcow2}<source file='/x'/>${vda}<transient/></disk>`,
    "transient",
    "/x",
  ],
  "a network disk": [
    `<disk type='network' device='disk'>${qcow2}<source protocol='rbd' name='pool/img'><host name='h'/></source>${vda}</disk>`,
    "network-source",
    "rbd:pool/img",
  ],
  "a volume": [
    `<disk type='volume'>${qcow2}<source pool='p' volume='v'/>${vda}</disk>`,
    "volume-source",
    "p/v",
  ],
  "a folder": [`<disk type='dir'><source dir='/d'/>${vda}</disk>`, "other-source", "/d"],
  "an NVMe device": [
    `<disk type='nvme'><source type='pci' namespace='1'/>${vda}</disk>`,
    "other-source",
    undefined,
  ],
  "a vhost-user disk": [
    `<disk type='vhostuser'><source type='unix' path='/s'/>${vda}</disk>`,
    "other-source",
    "/s",
  ],
  "a relative path": [`<disk type='file'><source file='x.img'/>${vda}</disk>`, "other-source", "x.img"],
  "a disk without source": [`<disk type='file'>${qcow2}${vda}</disk>`, "no-source", undefined],
  "a disk with an empty source": [
    `<disk type='file'>${qcow2}<source file=''/>${vda}</disk>`,
    "no-source",
    undefined,
  ],
  "a disk with the source of another type": [
    `<disk type='block'><source file='/x'/>${vda}</disk>`,
    "no-source",
    "/x",
  ],
  "another format": [
    `<disk type='file'><driver type='vmdk'/><source file='/x'/>${vda}</disk>`,
    "unsupported-format",
    "/x",
  ],
};

const included: Readonly<Record<string, readonly [string, Partial<DomainDisk>]>> = {
  "a qcow2 file": [
    `<disk type='file' device='disk'>${qcow2}<source file='/x'/>${vda}</disk>`,
    { source: "file", path: "/x", format: "qcow2" },
  ],
  "a block device": [
    `<disk type='block'><driver type='raw'/><source dev='/dev/vg/x'/>${vda}</disk>`,
    { source: "block", path: "/dev/vg/x", format: "raw" },
  ],
  "a disk without driver": [`<disk type='file'><source file='/x'/>${vda}</disk>`, { format: "raw" }],
  "a driver without type": [
    `<disk type='file'><driver name='qemu'/><source file='/x'/>${vda}</disk>`,
    { format: "raw" },
  ],
  "a disk without type": [`<disk><source file='/x'/>${vda}</disk>`, { source: "file" }],
  "an awkward path": [
    `<disk type='file'><source file='/a b/&quot;&apos;&amp;&lt;&gt;,;ü日&#9;-&#x1F600;'/>${vda}</disk>`,
    { path: `/a b/"'&<>,;ü日\t-😀` },
  ],
  "a path with a line end, as libvirt writes it": [
    `<disk type='file'><source file='/a\nb\r\nc'/>${vda}</disk>`,
    { path: "/a\nb\r\nc" },
  ],
  "a block job": [
    `<disk type='file'><source file='/x'/><mirror type='file' job='active-commit'/>${vda}</disk>`,
    { hasMirror: true },
  ],
  "no block job": [`<disk type='file'><source file='/x'/>${vda}</disk>`, { hasMirror: false }],
};

describe("parseDomain()", () => {
  for (const [what, [disk, reason, path]] of Object.entries(skipped)) {
    it(`skips ${what}`, () => {
      assert.deepEqual(readOnly(disk), { kind: "skipped", target: "vda", reason, path });
    });
  }

  for (const [what, [disk, expected]] of Object.entries(included)) {
    it(`includes ${what}`, () => {
      const found = readOnly(disk);
      assert.deepEqual({ ...found, ...expected }, found);
      assert.equal(found.kind, "included");
    });
  }

  it("takes no disk from metadata, comments, CDATA, instructions or other namespaces", () => {
    const disk = `<disk type='file'><source file='/x'/><target dev='vdz'/></disk>`;
    const xml = domainWith({
      metadata: `<x:y xmlns:x='urn:x'><devices>${disk}</devices>${disk}</x:y><devices>${disk}</devices>`,
      devices: `<!-- ${disk} --><![CDATA[${disk}]]><?x ${disk}?><q:disk xmlns:q='urn:q'/><disk xmlns='urn:q'/><y><disk/></y>`,
    });
    assert.deepEqual(parseDomain(xml).disks, []);
  });

  it("reads what real hypervisors write", () => {
    const paths = (name: string) =>
      parseDomain(fixture(name)).disks.map(({ kind, target, path }) => [kind, target, path]);
    const images = "/var/lib/libvirt/images";
    const db = [
      ["included", "vda", `${images}/db-system.qcow2`],
      ["included", "vdb", `${images}/db-data.raw`],
      ["included", "sda", `${images}/db-log.qcow2`],
      ["skipped", "hdc", `${images}/install.iso`],
    ];
    assert.deepEqual(paths("db.inactive.xml"), db);
    assert.deepEqual(paths("db.live.xml"), db);
    assert.deepEqual(paths("awkward.inactive.xml"), [
      ["included", "vda", `${images}/to p,ü.qcow2`],
      ["included", "vdb", `${images}/d.qcow2`],
      ["skipped", "vdc", `${images}/r.raw`],
      ["skipped", "hdc", undefined],
    ]);
    assert.equal(parseDomain(fixture("awkward.inactive.xml")).name, 'awk & <"ü">');
    assert.equal(parseDomain(fixture("db.live.xml")).agentConnected, true);
    assert.equal(parseDomain(fixture("db.inactive.xml")).agentConnected, undefined);
    assert.equal(parseDomain(fixture("db.inactive.xml")).hasAgentChannel, true);
  });

  const bootFiles: readonly (readonly [string, object])[] = [
    ["", { nvramPath: undefined, kernelPath: undefined, initrdPath: undefined, dtbPath: undefined }],
    ["<nvram template='/t'>/v/a&amp;b ü_VARS.fd</nvram>", { nvramPath: "/v/a&b ü_VARS.fd" }],
    ["<nvram template='/t'/>", { nvramPath: undefined }],
    ["<nvram type='file'>\n <source file='/v/x'/>\n</nvram>", { nvramPath: "/v/x", hasNetworkNvram: false }],
    ["<nvram type='block'><source dev='/dev/x'/></nvram>", { nvramPath: "/dev/x" }],
    [
      "<nvram type='network'><source protocol='iscsi' name='x'/></nvram>",
      { nvramPath: undefined, hasNetworkNvram: true },
    ],
    [
      "<kernel>/k</kernel><initrd>/i d</initrd><dtb>/d</dtb>",
      { kernelPath: "/k", initrdPath: "/i d", dtbPath: "/d" },
    ],
    ["<kernel/>", { kernelPath: undefined }],
  ];
  for (const [os, expected] of bootFiles) {
    it(`reads the boot files of ${os || "no element"}`, () => {
      const domain = parseDomain(domainWith({ os }));
      assert.deepEqual({ ...domain, ...expected }, domain);
    });
  }

  const devices: readonly (readonly [string, object])[] = [
    [
      "<channel><target type='virtio' name='org.qemu.guest_agent.0' state='connected'/></channel>",
      { hasAgentChannel: true, agentConnected: true },
    ],
    [
      "<channel><target name='org.qemu.guest_agent.0' state='disconnected'/></channel>",
      { hasAgentChannel: true, agentConnected: false },
    ],
    [
      "<channel><target name='org.qemu.guest_agent.0'/></channel>",
      { hasAgentChannel: true, agentConnected: undefined },
    ],
    [
      "<channel><target name='com.redhat.spice.0' state='connected'/></channel>",
      { hasAgentChannel: false, agentConnected: undefined },
    ],
    ["<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>", { tpm: buildTpm() }],
    [
      "<tpm><backend type='emulator' version='1.2'><encryption secret='5ec'/></backend></tpm>",
      { tpm: buildTpm({ version: "1.2", secret: "5ec" }) },
    ],
    [
      "<tpm><backend type='emulator'><source type='dir' path='/t'/></backend></tpm>",
      { tpm: buildTpm({ version: undefined, ownPlace: { folder: "/t" } }) },
    ],
    [
      "<tpm><backend type='external'><source type='unix' path='/s'/></backend></tpm>",
      { tpm: buildTpm({ backend: "other", version: undefined }) },
    ],
    [
      "<tpm><backend type='passthrough'/></tpm>",
      { tpm: buildTpm({ backend: "passthrough", version: undefined }) },
    ],
  ];
  for (const [device, expected] of devices) {
    it(`reads ${device}`, () => {
      const domain = parseDomain(domainWith({ devices: device }));
      assert.deepEqual({ ...domain, ...expected }, domain);
    });
  }

  for (const xml of [
    "<domain><uuid>u</uuid></domain>",
    "<domain><name/><uuid>u</uuid></domain>",
    "<domain><name>n</name></domain>",
    "<domain><name>n</name><uuid>u</uuid><devices><disk><source file='/x'/></disk></devices></domain>",
    "<domainsnapshot><name>n</name></domainsnapshot>",
  ]) {
    it(`refuses ${xml}`, () => {
      assert.throws(() => parseDomain(xml), XmlError);
    });
  }
});
