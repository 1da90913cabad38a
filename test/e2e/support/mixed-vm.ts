// One VM with every kind of disk, where there is no time to boot a VM for each.

import type { VmSpec } from "../../lab/vm-spec.ts";

const images = "/var/lib/libvirt/images";

/** A chain of three layers, a raw file, a block device, a disk on another bus, and a CD-ROM. */
export const mixedVm = {
  name: "mixed",
  running: true,
  disks: [
    {
      target: "vda",
      path: `${images}/mixed.qcow2`,
      format: "qcow2",
      sizeMib: 64,
      payloadMib: 4,
      backing: [
        { path: `${images}/mixed-middle.qcow2`, format: "qcow2" },
        { path: `${images}/mixed-base.raw`, format: "raw" },
      ],
    },
    { target: "vdb", path: `${images}/mixed-data.raw`, format: "raw", sizeMib: 64, payloadMib: 4 },
    { target: "vdc", path: "/srv/volumes/mixed", format: "raw", sizeMib: 64, blockDevice: "mixed" },
    { target: "sda", path: `${images}/mixed-log.qcow2`, format: "qcow2", sizeMib: 64 },
    { target: "hdc", path: `${images}/mixed.iso`, format: "raw", sizeMib: 4, device: "cdrom" },
  ],
} as const satisfies VmSpec;
