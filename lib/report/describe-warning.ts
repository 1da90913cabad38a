// Why a disk is left out, and what a backup's owner should know → one sentence each.

import type { Degradation } from "../model/event.ts";
import type { PlanWarning, SkippedDisk, TpmTrouble } from "../model/plan.ts";
import { unreachable } from "../model/unreachable.ts";
import type { SkipReason } from "../model/vm.ts";
import { harmless, quoted } from "./wording.ts";

const skipWords: { readonly [Reason in SkipReason]: string } = {
  cdrom: "a CD-ROM drive",
  floppy: "a floppy drive",
  lun: "a SCSI device passed through, which cannot be snapshotted",
  "read-only": "read-only",
  shareable: "shared with other VMs, so a snapshot would not freeze it",
  "network-source": "on network storage, which libvirt reaches directly",
  "volume-source": "a storage pool volume, whose file libvirt does not name",
  "other-source": "neither a file nor a block device",
  "no-source": "without a source",
  transient: "transient: its content is thrown away when the VM stops",
  "unsupported-format": "in a format other than qcow2 and raw",
};

const tpmWords: { readonly [Trouble in TpmTrouble]: string } = {
  "other-program": "it is another program's than libvirt's",
  "own-place": "the definition names a file of its own for it",
  "unknown-place": "libvirt does not tell where it keeps it",
  missing: "it is not where libvirt keeps it",
  unreadable: "this login cannot read it",
};

/** Why a disk is not in the backup. */
export function describeSkip(disk: SkippedDisk): string {
  const path = disk.path === undefined ? "" : ` (${harmless(disk.path)})`;
  return `Skipping ${harmless(disk.target)}${path}: it is ${skipWords[disk.reason]}`;
}

/** What to know about a backup that is being made. */
export function describeWarning(warning: PlanWarning): string {
  switch (warning.kind) {
    case "managed-save":
      return "The VM has a saved memory image (managed save), which is not backed up: its disks restore as after a power cut";
    case "foreign-overlay":
      return `Disk ${harmless(warning.target)} runs on ${harmless(warning.path)}, which looks like another tool's overlay; its whole chain is backed up`;
    case "external-snapshot":
      return `External snapshot ${quoted(warning.name)} is not carried along, only the disk chain it made`;
    case "tpm-state":
      return `The state of the VM's TPM is not backed up: ${tpmWords[warning.why]}`;
    case "tpm-secret":
      return `The state of the VM's TPM is encrypted with libvirt's secret ${harmless(warning.name)}, which is not backed up: keep it elsewhere, for without it nobody can use the state`;
    case "host-tpm":
      return "The VM uses the host's own TPM, which no backup can hold: have the recovery keys of what is sealed with it";
    case "network-nvram":
      return "The VM's UEFI variables are on network storage, which is not backed up: a restored VM starts with new ones";
    default:
      return unreachable(warning);
  }
}

/** What is missing from a backup. */
export function describeDegradation(degradation: Degradation): string {
  switch (degradation.kind) {
    case "disk-skipped":
      return describeSkip(degradation.disk);
    case "external-snapshot":
    case "tpm-state":
    case "tpm-secret":
    case "network-nvram":
      return describeWarning(degradation);
    case "nvram-missing": {
      const path = harmless(degradation.path);
      const why =
        degradation.why === "missing" ? `${path} is not there` : `this login may not look at ${path}`;
      return `The VM's UEFI variables are not backed up: ${why}; a restored VM starts with new ones`;
    }
    case "snapshot-needs-file":
      return `snapshot ${quoted(degradation.name)} needs ${harmless(degradation.path)} (${harmless(degradation.target)}), which is not in the backup; do not revert a restored VM to it`;
    case "rotation-failed":
      return `old backups could not be removed: ${harmless(degradation.detail)}`;
    default:
      return unreachable(degradation);
  }
}
