// Why a disk cannot be written back onto its block device → words, as part of a sentence; with what to do about it.

import type { DeviceUse } from "../model/device.ts";
import type { DeviceMisfit } from "../model/device-misfit.ts";
import { unreachable } from "../model/unreachable.ts";
import { formatBytes } from "./format.ts";
import { words } from "./wording.ts";

const beside = "restore beside it, without --as-original";

/** One reason. */
export function describeDeviceMisfit(misfit: DeviceMisfit): string {
  switch (misfit.kind) {
    case "block-disk":
      return words`disk ${misfit.target} was on block device ${misfit.path}: all that is on it now would be lost, since nothing on a device can be kept aside (to write over it: --overwrite-device ${{ shell: misfit.path }}; or ${{ raw: beside }})`;
    case "no-device":
      return words`there is no ${misfit.path} (make a block device of ${{ raw: `${misfit.neededBytes} bytes` }} there, or ${{ raw: beside }})`;
    case "not-a-device":
      return words`${misfit.path} is no block device (${{ raw: beside }})`;
    case "device-unknown":
      return words`nobody can tell whether ${misfit.path} is free: ${{ raw: misfit.detail }} (${{ raw: beside }})`;
    case "device-too-small":
      return words`${misfit.path} is too small: it has ${{ raw: formatBytes(misfit.bytes) }} (${misfit.bytes} bytes), the image ${{ raw: formatBytes(misfit.neededBytes) }} (${misfit.neededBytes} bytes)`;
    case "device-read-only":
      return words`${misfit.path} is read-only`;
    case "device-used":
      return words`${misfit.path} is in use: ${{ whole: describeUse(misfit.use) }}`;
    case "device-shared":
      return words`${misfit.path} is used by ${misfit.vms} (${{ raw: beside }})`;
    case "device-of-replaced":
      return words`VM ${misfit.name} is on ${misfit.path}, and could not be given its place back after a restore that failed (when it is needed no more, shut it off and, on that host: virsh undefine --snapshots-metadata ${{ raw: misfit.hasVariables ? "--nvram --domain" : "--domain" }} ${{ shell: misfit.name }}; or ${{ raw: beside }})`;
    case "device-unsure":
      return words`nobody can tell whether VM ${misfit.vm}, which cannot be read, uses ${misfit.path}: ${{ raw: misfit.detail }} (put that VM right, or ${{ raw: beside }})`;
    case "device-twice":
      return words`${misfit.path} and ${misfit.otherPath} are one device there, and two disks of the VM (${{ raw: beside }})`;
    case "base-device":
      return words`${misfit.path}, below disk ${misfit.target}, is not there as it was backed up, and nothing below a disk is ever written to a device (bring it back as it was, or ${{ raw: beside }})`;
    default:
      return unreachable(misfit);
  }
}

function describeUse({ kind, name }: DeviceUse): string {
  switch (kind) {
    case "holder":
      return words`device ${name} is on top of it (dmsetup remove, mdadm --stop or kpartx -d, whatever put it there)`;
    case "mounted":
      return words`mounted at ${name} (umount it)`;
    case "swap":
      return words`the host swaps to it (swapoff)`;
    case "loop":
      return words`loop device ${name} is on top of it (losetup --detach)`;
    case "process":
      return words`process ${name} may write to it`;
    case "claimed":
      return words`the kernel has given it to something else`;
    default:
      return unreachable(kind);
  }
}
