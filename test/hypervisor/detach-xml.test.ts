// What only one VM can have, taken from a copy of its definition.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Detachment } from "../../lib/hypervisor/detach-domain.ts";
import { detachDomainXml, detachSnapshotXml } from "../../lib/hypervisor/detach-xml.ts";
import { hostNeeds, usableCpuModels, usableTpmBackends } from "../../lib/hypervisor/host-needs.ts";
import { fixture } from "./fixture.ts";

const detachment: Detachment = {
  interfaces: { mac: () => "52:54:00:00:00:01", plug: "keep", isThere: () => true },
  logPath: (path) => `/own/${path.split("/").at(-1) ?? ""}`,
  diskFate: () => "keep",
  keepsFolder: () => false,
  generationId: "new-generation",
};

const domain = (...devices: readonly string[]): string =>
  [
    "<domain type='kvm'>",
    "  <name>a</name>",
    "  <devices>",
    ...devices,
    "  </devices>",
    "</domain>",
    "",
  ].join("\n");
const devicesOf = (xml: string): string => /<devices>\n?([\s\S]*?)\s*<\/devices>/.exec(xml)?.[1] ?? "";
const detach = (changes: Partial<Detachment>, ...devices: readonly string[]): string =>
  devicesOf(detachDomainXml(domain(...devices), { ...detachment, ...changes }));

const card =
  "<interface type='bridge'><mac address='52:54:00:aa:bb:cc'/><source bridge='br0'/>" +
  "<target dev='tap-web'/><model type='virtio'/></interface>";

describe("detachDomainXml()", () => {
  const cases: readonly (readonly [what: string, before: string, after: string])[] = [
    [
      "a serial line's file",
      "<serial type='file'><source path='/log/a &amp; b.log' append='on'/><target port='0'/></serial>",
      "<serial type='file'><source path='/own/a &amp; b.log' append='on'/><target port='0'/></serial>",
    ],
    [
      "a serial line's port",
      "<serial type='tcp'><source mode='bind' host='0.0.0.0' service='4555'/><protocol type='telnet'/><target port='0'/></serial>",
      "<serial type='pty'><target port='0'/></serial>",
    ],
    [
      "a device of the host",
      "<console type='dev'><source path='/dev/ttyS0'/></console>",
      "<console type='pty'></console>",
    ],
    [
      "a log beside a terminal",
      "<console type='pty'><log file='/log/x' append='off'/></console>",
      "<console type='pty'><log file='/own/x' append='off'/></console>",
    ],
    [
      "an agent's fixed socket",
      "<channel type='unix'><source mode='bind' path='/run/agent'/><target type='virtio' name='org.qemu.guest_agent.0'/></channel>",
      "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>",
    ],
    [
      "a fixed VNC port",
      "<graphics type='vnc' port='5901' autoport='no' websocket='5700' listen='127.0.0.1' passwd='secret'/>",
      "<graphics type='vnc' port='-1' autoport='yes' websocket='-1' listen='127.0.0.1' passwd='secret'/>",
    ],
    [
      "a VNC socket",
      "<graphics type='vnc' socket='/run/vnc'><listen type='socket' socket='/run/vnc'/></graphics>",
      "<graphics type='vnc'><listen type='socket'/></graphics>",
    ],
    [
      "a port that libvirt chooses anyway",
      "<graphics type='spice' port='-1' autoport='yes'/>",
      "<graphics type='spice' port='-1' autoport='yes'/>",
    ],
    ["a passed-through device", "<hostdev mode='subsystem' type='pci'/>", ""],
    ["the host's own TPM", "<tpm model='tpm-tis'><backend type='passthrough'/></tpm>", ""],
    ["a folder that is not there", "<filesystem type='mount'><source dir='/data'/></filesystem>", ""],
    [
      "a fixed context of a vsock",
      "<vsock model='virtio'><cid auto='no' address='3'/></vsock>",
      "<vsock model='virtio'><cid auto='yes'/></vsock>",
    ],
    [
      "a card's address and the name of its device",
      card,
      "<interface type='bridge'><mac address='52:54:00:00:00:01'/><source bridge='br0'/><model type='virtio'/></interface>",
    ],
    [
      "a card of the host",
      "<interface type='hostdev' managed='yes'><mac address='52:54:00:aa:bb:cc'/></interface>",
      "",
    ],
  ];
  for (const [what, before, after] of cases) {
    it(`frees ${what}`, () => assert.equal(detach({}, before), after));
  }

  it("pulls a cable where the host has the other end, and gives the card a network of its own elsewhere", () => {
    const interfaces = { ...detachment.interfaces, plug: "detach" } as const;
    assert.equal(
      detach({ interfaces }, card),
      "<interface type='bridge'><mac address='52:54:00:00:00:01'/><link state='down'/><source bridge='br0'/><model type='virtio'/></interface>",
    );
    assert.equal(
      detach({ interfaces: { ...interfaces, isThere: () => false } }, card),
      "<interface type='user'><mac address='52:54:00:00:00:01'/><link state='down'/><model type='virtio'/></interface>",
    );
  });

  it("plugs every card into one network", () => {
    const interfaces = { ...detachment.interfaces, plug: { network: "a & b" } };
    assert.equal(
      detach({ interfaces }, card),
      "<interface type='network'><mac address='52:54:00:00:00:01'/><source network='a &amp; b'/><model type='virtio'/></interface>",
    );
  });

  it("drops a disk, or takes its medium out", () => {
    const [disk, drive] = [
      "<disk type='network' device='disk'><source protocol='rbd' name='a'/><target dev='vdb'/></disk>",
      "<disk type='file' device='cdrom'><source file='/gone.iso'/><target dev='hdc'/></disk>",
    ];
    assert.equal(
      detach({ diskFate: ({ target }) => (target === "vdb" ? "drop" : "eject") }, disk, drive),
      "<disk type='file' device='cdrom'><target dev='hdc'/></disk>",
    );
  });

  it("leaves all else of a real definition as it was, byte for byte", () => {
    const xml = fixture("db.inactive.xml");
    const log = "/var/log/libvirt/serial/db.log";
    assert.equal(detachDomainXml(xml, detachment), xml.replaceAll(log, "/own/db.log"));
  });
});

describe("detachSnapshotXml()", () => {
  it("takes a disk that is dropped out of the snapshot's own list too", () => {
    const disk = (target: string): string =>
      `<disk type='file' device='disk'><source file='/i/${target}'/><target dev='${target}'/></disk>`;
    const xml =
      "<domainsnapshot><name>s</name><disks><disk name='vda' snapshot='internal'/><disk name='vdb' snapshot='no'/></disks>" +
      `${domain(disk("vda"), disk("vdb"))}</domainsnapshot>`;
    const now = detachSnapshotXml(xml, {
      ...detachment,
      diskFate: (one) => (one.target === "vdb" ? "drop" : "keep"),
    });
    assert.ok(!now.includes("vdb"), now);
    assert.ok(now.includes("<disks><disk name='vda' snapshot='internal'/></disks>"));
  });
});

describe("hostNeeds()", () => {
  it("reads what must be on a host", () => {
    const needs = hostNeeds(fixture("db.inactive.xml"));
    assert.equal(needs.machine.emulator, "/usr/bin/qemu-system-x86_64");
    assert.equal(needs.machine.arch, "x86_64");
    assert.equal(needs.hasQemuArguments, false);
    assert.deepEqual(hostNeeds(domain(card)).plugs, [{ kind: "bridge", name: "br0" }]);
  });

  it("reads which CPU models there are", () => {
    const cpu =
      "<mode name='custom' supported='yes'><model usable='yes'>a</model><model usable='no'>b</model></mode>";
    assert.deepEqual(usableCpuModels(`<domainCapabilities><cpu>${cpu}</cpu></domainCapabilities>`), ["a"]);
    assert.deepEqual(usableCpuModels("<domainCapabilities/>"), []);
    const list = (name: string, ...values: readonly string[]): string =>
      `<enum name='${name}'>${values.map((value) => `<value>${value}</value>`).join("")}</enum>`;
    const tpm = `<devices><tpm supported='yes'>${list("model", "tpm-crb")}${list("backendModel", "passthrough", "emulator")}</tpm></devices>`;
    assert.deepEqual(usableTpmBackends(`<domainCapabilities>${tpm}</domainCapabilities>`), [
      "passthrough",
      "emulator",
    ]);
    assert.deepEqual(usableTpmBackends("<domainCapabilities/>"), []);
  });
});
