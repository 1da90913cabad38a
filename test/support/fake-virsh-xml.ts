// A VM's definition as libvirt 9 prints it, for the fake virsh.

/** One disk of a definition. */
export interface FakeDisk {
  readonly target: string;
  readonly format: "qcow2" | "raw";
  readonly path: string;
  /** Attributes of `<driver>` besides name and type, such as `cache='none'`. */
  readonly driver?: string;
}

/** What the definition of a fake VM holds. */
export interface FakeVm {
  readonly uuid: string;
  readonly name: string;
  readonly description?: string;
  readonly disks: readonly FakeDisk[];
}

/** Escapes text as libvirt does. */
export function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&apos;");
}

/** The definition for the next start, or what the VM runs with. */
export type XmlKind = "inactive" | "live";

/** What `virsh dumpxml` prints for the VM. */
export function domainXml({ uuid, name, description, disks }: FakeVm, kind: XmlKind): string {
  return [
    kind === "live" ? "<domain type='qemu' id='1'>" : "<domain type='qemu'>",
    `  <name>${escapeXml(name)}</name>`,
    `  <uuid>${uuid}</uuid>`,
    ...(description === undefined ? [] : [`  <description>${escapeXml(description)}</description>`]),
    "  <memory unit='KiB'>98304</memory>",
    "  <vcpu placement='static'>1</vcpu>",
    "  <devices>",
    "    <emulator>/usr/bin/qemu-system-x86_64</emulator>",
    ...disks.flatMap((disk, index) => diskXml(disk, index, kind)),
    ...cdromXml,
    "    <channel type='unix'>",
    "      <target type='virtio' name='org.qemu.guest_agent.0'/>",
    "      <address type='virtio-serial' controller='0' bus='0' port='1'/>",
    "    </channel>",
    "  </devices>",
    "</domain>",
    "",
  ].join("\n");
}

function diskXml(
  { target, format, path, driver }: FakeDisk,
  index: number,
  kind: XmlKind,
): readonly string[] {
  const isLive = kind === "live";
  return [
    "    <disk type='file' device='disk'>",
    `      <driver name='qemu' type='${format}'${driver === undefined ? "" : ` ${driver}`}/>`,
    `      <source file='${escapeXml(path)}'${isLive ? " index='1'" : ""}/>`,
    ...(isLive ? ["      <backingStore/>"] : []),
    `      <target dev='${target}' bus='virtio'/>`,
    ...(isLive ? [`      <alias name='disk${index}'/>`] : []),
    `      <address type='pci' domain='0x0000' bus='0x00' slot='0x0${index + 4}' function='0x0'/>`,
    "    </disk>",
  ];
}

/** An empty drive: a disk without a source. */
const cdromXml = [
  "    <disk type='file' device='cdrom'>",
  "      <driver name='qemu' type='raw'/>",
  "      <target dev='hdc' bus='ide'/>",
  "      <readonly/>",
  "    </disk>",
];
