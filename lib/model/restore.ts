// Bringing a VM back from its backup: what is asked for, what does not fit, what will be done, what happens.

import type { FileAccess } from "./file-access.ts";
import type { FailureReason } from "./failure.ts";
import type { LeftOnHost } from "./guard.ts";
import type { Host } from "./host.ts";
import type { BootFileRole } from "./plan.ts";
import type { DiskFormat } from "./vm.ts";

/** The steps of one restore, in order. */
export const restoreStepNames = [
  "arm-guard",
  "push-images",
  "verify-images",
  "write-devices",
  "define-vm",
  "keep-vm",
  "release-host",
  "start-vm",
] as const;
export type RestoreStepName = (typeof restoreStepNames)[number];

/** Where the network cards of a restored VM are plugged in: where they were; nowhere; into one network. */
export type NetworkChoice =
  | { readonly kind: "keep" }
  | { readonly kind: "detach" }
  | { readonly kind: "network"; readonly name: string };

export const macChoices = ["new", "keep"] as const;
export type MacChoice = (typeof macChoices)[number];

/** Something about the restored VM that its owner should know. */
export type RestoreNote =
  | { readonly kind: "disk-left-out"; readonly target: string; readonly path: string | undefined }
  | { readonly kind: "medium-ejected"; readonly target: string; readonly path: string }
  | { readonly kind: "host-devices-left-out"; readonly count: number }
  | { readonly kind: "folder-left-out"; readonly path: string }
  | { readonly kind: "new-variables" }
  | { readonly kind: "new-tpm" }
  | { readonly kind: "tpm-secret"; readonly secret: string }
  | { readonly kind: "no-autostart" }
  | { readonly kind: "device-overwritten"; readonly target: string; readonly path: string }
  | { readonly kind: "file-kept"; readonly path: string }
  | { readonly kind: "vm-replaced"; readonly name: string; readonly uuid: string }
  | { readonly kind: "namesake"; readonly host: string; readonly name: string; readonly uuid: string }
  | { readonly kind: "host-not-asked"; readonly host: string; readonly detail: string }
  | { readonly kind: "qemu-arguments" }
  | { readonly kind: "snapshot-incomplete"; readonly name: string; readonly path: string };

/** One file of a backup and what becomes of it on the host. */
export interface RestoredFile {
  /** The disk's target, or the role of a boot file. */
  readonly target: string;
  readonly role: "disk" | BootFileRole;
  /** In the store, absolute. */
  readonly localPath: string;
  /** Its name on the host. */
  readonly hostName: string;
  /** Where it goes on the host, and its name there until all is there and checked; the same for a device. */
  readonly path: string;
  readonly stagedPath: string;
  /** The number of the block device that it is written onto, as the kernel counts them; undefined for a file. */
  readonly device: string | undefined;
  /** What an image is based on where that is elsewhere than the backup says. */
  readonly backing: { readonly path: string; readonly format: DiskFormat } | undefined;
  readonly bytes: number;
  readonly allocatedBytes: number;
  readonly sha256: string;
  /** Undefined for what is no image. */
  readonly format: DiskFormat | undefined;
  /** Whose the original was; undefined where the backup does not say. */
  readonly access: FileAccess | undefined;
}

/**
 * The folder, beside those of other VMs, in which libvirt keeps the state of a VM's emulated TPM, and its name until all
 * is there; `inner` is the one in it that the file is in.
 */
export interface TpmFolder {
  readonly path: string;
  readonly stagedPath: string;
  readonly inner: string;
}

/** A snapshot to be defined again; its content is inside the images. */
export interface RestoredSnapshot {
  readonly name: string;
  readonly isCurrent: boolean;
  readonly xml: string;
}

/** What makes a restored VM the original. */
export interface OriginalPlan {
  readonly startsWithHost: boolean;
  /** The VM in whose place it comes; undefined when there is none. */
  readonly replaced: ReplacedVm | undefined;
}

/** A VM that makes room: nothing of it is deleted. */
export interface ReplacedVm {
  readonly name: string;
  readonly uuid: string;
  readonly definition: string;
  readonly startsWithHost: boolean;
  /** Parents before children. */
  readonly snapshots: readonly RestoredSnapshot[];
  /** The folder on the host that its definitions are kept in. */
  readonly folder: string;
  /** What of it is in the way, and the name that it is kept under. */
  readonly files: readonly { readonly path: string; readonly keptPath: string }[];
}

/** One restore, decided: plain data. */
export interface RestorePlan {
  readonly host: Host;
  /** Unique name of this attempt; in the name of every object it makes on the host. */
  readonly restoreId: string;
  readonly vm: { readonly name: string; readonly uuid: string };
  readonly from: { readonly host: string; readonly vm: string; readonly path: string };
  /**
   * The VM's folder on the host, and its name until everything in it is there and checked. As the original it has none of
   * its own: both name the one with its first image that is a file; libvirt's own where there is none.
   */
  readonly folder: { readonly path: string; readonly stagedPath: string };
  /** Undefined for a VM beside its original. */
  readonly original: OriginalPlan | undefined;
  readonly files: readonly RestoredFile[];
  /** Undefined when no state of a TPM is restored. */
  readonly tpmFolder: TpmFolder | undefined;
  readonly definition: string;
  /** Parents before children. */
  readonly snapshots: readonly RestoredSnapshot[];
  readonly notes: readonly RestoreNote[];
  readonly neededBytes: number;
  readonly freeBytes: number;
  readonly leaseSeconds: number;
  /** What each file may take of the link; 0 for no limit. */
  readonly bytesPerSecond: number;
  readonly starts: boolean;
}

/** What happens while a VM is restored. */
export type RestoreEvent =
  | { readonly kind: "backup-chosen"; readonly path: string; readonly startedAt: string }
  /** It could not be noted that the backup is being read, so that nothing keeps others from removing it. */
  | { readonly kind: "not-held"; readonly path: string; readonly detail: string }
  | { readonly kind: "note"; readonly note: RestoreNote }
  | { readonly kind: "step-started"; readonly step: RestoreStepName }
  | { readonly kind: "guard-armed"; readonly command: string }
  | { readonly kind: "push-started"; readonly target: string; readonly from: string; readonly to: string }
  | {
      readonly kind: "push-progress";
      readonly target: string;
      readonly bytes: number;
      readonly totalBytes: number;
    }
  | {
      readonly kind: "push-broken";
      readonly target: string;
      readonly detail: string;
      readonly pauseSeconds: number;
    }
  | {
      readonly kind: "push-finished";
      readonly target: string;
      readonly bytes: number;
      readonly seconds: number;
    }
  | { readonly kind: "images-verified"; readonly files: number }
  /** From here on what was on the device is gone. */
  | { readonly kind: "device-opened"; readonly target: string; readonly path: string }
  | { readonly kind: "device-verified"; readonly target: string; readonly path: string }
  /** Of a file whose owner the host does not know, or that this login may not give away. */
  | { readonly kind: "access-not-kept"; readonly path: string; readonly access: FileAccess }
  | { readonly kind: "kept-aside"; readonly replaced: ReplacedVm }
  | { readonly kind: "vm-defined"; readonly name: string; readonly snapshots: number }
  | { readonly kind: "undoing" }
  /** All but what was on these devices. */
  | { readonly kind: "undone"; readonly lostDevices: readonly string[] }
  | { readonly kind: "left-on-host"; readonly left: readonly LeftOnHost[]; readonly command: string }
  | { readonly kind: "vm-started" }
  | { readonly kind: "start-failed"; readonly detail: string }
  | { readonly kind: "stopping"; readonly signal: string };

/** How a restore ended. */
export type RestoreOutcome =
  | {
      readonly kind: "restored";
      readonly seconds: number;
      readonly isStarted: boolean;
      /** Why it was not started although it was to be. */
      readonly startTrouble: string | undefined;
      readonly leftOnHost: readonly LeftOnHost[];
    }
  | {
      readonly kind: "failed";
      readonly reason: FailureReason;
      readonly leftOnHost: readonly LeftOnHost[];
      /** Devices whose former content is gone. */
      readonly lostDevices: readonly string[];
    };
