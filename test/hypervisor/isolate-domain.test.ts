import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { qemuOwner } from "../../lib/hypervisor/base-label.ts";
import { isolateDomain } from "../../lib/hypervisor/isolate-domain.ts";

const domain = (devices: string, more = ""): string =>
  `<domain type='kvm'>\n  <name>x</name>\n  <devices>\n${devices}  </devices>\n${more}</domain>\n`;
const disk = (driver: string, source: string): string =>
  `    <disk type='file' device='disk'>\n      ${driver}\n      ${source}\n      <backingStore type='file'><format type='raw'/><source file='/c/base.raw'/></backingStore>\n      <target dev='vda'/>\n    </disk>\n`;
const serialPath = "/c/serial.log";
const isolate = (xml: string): ReturnType<typeof isolateDomain> =>
  isolateDomain(xml, { overlays: new Map([["/c/it's.raw", "/c/disk-0.overlay"]]), serialPath });

describe("isolateDomain()", () => {
  it("puts a disk on its overlay, without handing the backup to QEMU's user, or spelling its chain out", () => {
    const own = disk(
      "<driver name='qemu' type='raw' cache='none' io='native'/>",
      "<source file='/c/it&apos;s.raw'/>",
    );
    const { xml } = isolate(domain(own));
    assert.match(xml, /<driver name='qemu' type='qcow2' cache='unsafe'\/>/);
    assert.match(
      xml,
      /<source file='\/c\/disk-0\.overlay'><seclabel model='dac' relabel='no'\/><\/source>\n {6}<target/,
    );
  });

  it("leaves other disks as they are", () => {
    const other = domain(disk("<driver name='qemu' type='raw'/>", "<source file='/c/other.raw'/>"));
    assert.equal(isolate(other).xml, other);
  });

  it("has the first serial line and its console write to the file", () => {
    const target = "<target type='isa-serial' port='0'/>";
    const lines = [
      `    <serial type='pty'>\n      <source path='/dev/pts/3'/>\n      ${target}\n    </serial>\n`,
      `    <serial type='pty'>\n      <target type='isa-serial' port='1'/>\n    </serial>\n`,
      `    <console type='pty' tty='/dev/pts/3'>\n      <target type='serial' port='0'/>\n    </console>\n`,
      `    <console type='pty'>\n      <target type='virtio' port='1'/>\n    </console>\n`,
    ];
    const { xml, hasSerial } = isolate(domain(lines.join("")));
    assert.equal(hasSerial, true);
    assert.equal(xml.match(/type='file'><source path='\/c\/serial\.log'\/>/g)?.length, 2);
    assert.equal(xml.match(/type='pty'/g)?.length, 2);
    assert.doesNotMatch(xml, /pts/);
    assert.equal(isolate(domain("")).hasSerial, false);
  });

  it("leaves out what others use: folders, memory and input devices of the host", () => {
    const shared = [
      "<filesystem type='mount'><source dir='/data'/><target dir='data'/></filesystem>",
      "<shmem name='ring'/>",
      "<input type='evdev'><source dev='/dev/input/event1'/></input>",
    ];
    const { xml } = isolate(
      domain(`    <input type='tablet' bus='usb'/>\n${shared.map((one) => `    ${one}\n`).join("")}`),
    );
    assert.equal(xml, domain("    <input type='tablet' bus='usb'/>\n"));
  });

  it("tells arguments for QEMU, whatever their prefix, from its environment", () => {
    const line = (prefix: string, name: string): string =>
      `  <${prefix}:commandline xmlns:${prefix}='http://libvirt.org/schemas/domain/qemu/1.0'><${prefix}:${name} name='a' value='-net'/></${prefix}:commandline>\n`;
    assert.equal(isolate(domain("", line("qemu", "arg"))).hasQemuArguments, true);
    assert.equal(isolate(domain("", line("other", "arg"))).hasQemuArguments, true);
    assert.equal(isolate(domain("", line("qemu", "env"))).hasQemuArguments, false);
  });
});

describe("qemuOwner()", () => {
  const capabilities = (labels: string): string =>
    `<capabilities><host><secmodel><model>apparmor</model><doi>0</doi></secmodel><secmodel><model>dac</model>${labels}</secmodel></host></capabilities>`;
  it("reads whom libvirt runs VMs of a kind as", () => {
    const labels = "<baselabel type='kvm'>+64055:+109</baselabel><baselabel type='qemu'>+0:+0</baselabel>";
    assert.equal(qemuOwner(capabilities(labels), "kvm"), "64055:109");
    assert.equal(qemuOwner(capabilities(labels), "qemu"), "0:0");
    assert.equal(qemuOwner(capabilities(""), "kvm"), undefined);
    assert.equal(qemuOwner(capabilities("<baselabel type='kvm'>root; reboot</baselabel>"), "kvm"), undefined);
  });
});
