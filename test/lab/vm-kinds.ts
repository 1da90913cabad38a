import { LabRefusal } from "./lab-refusal.ts";
import type { VmSpec } from "./vm-spec.ts";

const images = "/var/lib/libvirt/images";

/** The base that two VMs share. */
const template = { path: `${images}/template.raw`, format: "raw" } as const;

/** What somebody else's tool keeps in a definition, in forms that a careless XML round trip loses. */
const foreignMetadata = `<other:record xmlns:other="http://example.org/other?a=1&amp;b=2" other:kind="x">
      <!-- a comment: kept, with its  double  spaces -->
      <other:text><![CDATA[<b>5 > 3 && "quotes"</b>]]></other:text>
      <other:empty/>
      <other:entities>&lt;&amp;&gt; ü &#228;</other:entities>
    </other:record>`;

/** The VMs of a host that differ in what matters to a backup, by the name with which `--vms` chooses them. */
export const vmKinds = {
  web: {
    name: "web",
    running: true,
    network: true,
    disks: [{ target: "vda", path: `${images}/web.qcow2`, format: "qcow2", sizeMib: 128, payloadMib: 24 }],
  },
  db: {
    name: "db",
    running: true,
    disks: [
      { target: "vda", path: `${images}/db-system.qcow2`, format: "qcow2", sizeMib: 96, payloadMib: 8 },
      { target: "vdb", path: `${images}/db-data.raw`, format: "raw", sizeMib: 128, payloadMib: 16 },
      { target: "sda", path: `${images}/db-log.qcow2`, format: "qcow2", sizeMib: 64 },
      { target: "hdc", path: `${images}/install.iso`, format: "raw", sizeMib: 4, device: "cdrom" },
    ],
  },
  snaptree: {
    name: "snaptree",
    running: true,
    disks: [{ target: "vda", path: `${images}/snaptree.qcow2`, format: "qcow2", sizeMib: 64, payloadMib: 4 }],
    snapshots: {
      steps: [
        { name: "zeta base", running: false },
        { name: "alpha moment", parent: "zeta base", running: true },
        { name: "Mid state", parent: "alpha moment", running: true },
        { name: "beta sibling", parent: "zeta base", running: false },
      ],
      current: "alpha moment",
    },
  },
  off: {
    name: "off",
    running: false,
    disks: [{ target: "vda", path: `${images}/off.qcow2`, format: "qcow2", sizeMib: 128, payloadMib: 8 }],
  },
  linked: {
    name: "linked",
    running: true,
    disks: [
      {
        target: "vda",
        path: `${images}/linked.qcow2`,
        format: "qcow2",
        sizeMib: 96,
        payloadMib: 12,
        backing: [{ path: `${images}/linked-middle.qcow2`, format: "qcow2" }, template],
      },
    ],
  },
  linked2: {
    name: "linked2",
    running: false,
    disks: [
      {
        target: "vda",
        path: `${images}/linked2.qcow2`,
        format: "qcow2",
        sizeMib: 96,
        payloadMib: 12,
        backing: [template],
      },
    ],
  },
  block: {
    name: "block",
    running: true,
    disks: [
      {
        target: "vda",
        path: "/srv/volumes/block",
        format: "raw",
        sizeMib: 64,
        payloadMib: 4,
        blockDevice: "block",
      },
    ],
  },
  uefi: {
    name: "uefi",
    running: false,
    uefi: true,
    disks: [{ target: "vda", path: `${images}/uefi.qcow2`, format: "qcow2", sizeMib: 64, payloadMib: 4 }],
  },
  awkward: {
    name: `Ümläut & <Söhne> "it's"`,
    title: `A title, "quoted" & <bracketed>, it's ünusual`,
    metadata: foreignMetadata,
    qemuEnvironment: { VIRTFOLD_LAB: `a & b < "c" it's ü` },
    running: true,
    network: true,
    disks: [
      {
        target: "sda",
        path: `/srv/Bilder & "Platten" <neu>/it's Größe 1, alt.qcow2`,
        format: "qcow2",
        sizeMib: 64,
        payloadMib: 4,
      },
    ],
  },
  data: {
    name: "data",
    running: false,
    disks: [
      { target: "vda", path: `${images}/data.raw`, format: "raw", sizeMib: 1536, payloadMib: 12 },
      { target: "vdb", path: `${images}/data-readonly.raw`, format: "raw", sizeMib: 16, readonly: true },
      { target: "vdc", path: `${images}/data-shared.raw`, format: "raw", sizeMib: 16, shareable: true },
      { target: "fda", path: `${images}/floppy.img`, format: "raw", sizeMib: 1, device: "floppy" },
    ],
  },
} as const satisfies Record<string, VmSpec>;

/** The names of all kinds. */
export const vmKindNames: readonly string[] = Object.keys(vmKinds);

/** The description of a kind; throws, naming all of them, when there is none of this name. */
export function vmKind(name: string): VmSpec {
  const found = (vmKinds as Record<string, VmSpec>)[name];
  if (found === undefined)
    throw new LabRefusal(`Cannot find a VM kind "${name}": there are ${vmKindNames.join(", ")}`);
  return found;
}
