// What will be done for one VM. Decided before anything is touched; plain data, so it can be shown and compared.

import type { KeepRules } from "./retention.ts";
import type { Host, HostVersions } from "./host.ts";
import type { DiskFormat, SkipReason, SourceKind, SourceStamp, VmFacts } from "./vm.ts";

/** One image to copy and the name it gets in the backup. */
export interface LayerPlan {
  readonly path: string;
  readonly source: SourceKind;
  readonly format: DiskFormat;
  readonly virtualBytes: number;
  readonly fileBytes: number;
  readonly allocatedBytes: number;
  readonly stamp: SourceStamp;
  /** File name inside the backup's folder, such as `vda.qcow2` or `vda.backing1.raw`. */
  readonly fileName: string;
}

/** One disk to back up. */
export interface DiskPlan {
  readonly target: string;
  /** The disk's own image first, then what it is backed by. Never empty. */
  readonly layers: readonly [LayerPlan, ...LayerPlan[]];
  /** Where the guest's writes go while the disk is copied; undefined for a VM that is shut off. */
  readonly overlayPath: string | undefined;
  /** Whether any layer holds internal snapshots, which a conversion would lose. */
  readonly holdsSnapshots: boolean;
}

/** A disk that is left out, and why. */
export interface SkippedDisk {
  readonly target: string;
  readonly reason: SkipReason;
  readonly path: string | undefined;
  /** True when data of the VM is missing from the backup because of it: the result is degraded. */
  readonly losesData: boolean;
}

/** A file besides the disks that the VM needs to start. */
export const bootFileRoles = ["nvram", "tpm", "kernel", "initrd", "dtb"] as const;
export type BootFileRole = (typeof bootFileRoles)[number];
export interface BootFilePlan {
  readonly role: BootFileRole;
  readonly path: string;
  /** Path inside the backup's folder, such as `nvram/vars.fd`. */
  readonly fileName: string;
}

/** An internal snapshot to carry along. */
export interface SnapshotPlan {
  readonly name: string;
  readonly parent: string | undefined;
  readonly isCurrent: boolean;
  readonly xml: string;
  readonly internalTargets: readonly string[];
  /** Path inside the backup's folder, such as `snapshots/zeta base.xml`. */
  readonly fileName: string;
}

/** With the guest agent if it answers; only with it; never. */
export const quiesceModes = ["auto", "require", "never"] as const;
export type QuiesceMode = (typeof quiesceModes)[number];

/** Why the state of a TPM is not in the backup: kept by another program; at a place that nobody tells, or of its own. */
export const tpmTroubles = ["other-program", "own-place", "unknown-place", "missing", "unreadable"] as const;
export type TpmTrouble = (typeof tpmTroubles)[number];

/** Something about the backup that its owner should know. */
export type PlanWarning =
  | { readonly kind: "managed-save" }
  | { readonly kind: "foreign-overlay"; readonly target: string; readonly path: string }
  | { readonly kind: "external-snapshot"; readonly name: string }
  | { readonly kind: "tpm-state"; readonly why: TpmTrouble }
  /** The state is copied as it is: encrypted with a secret that only libvirt has. */
  | { readonly kind: "tpm-secret"; readonly name: string }
  /** The host's own chip, which no backup can hold. */
  | { readonly kind: "host-tpm" }
  | { readonly kind: "network-nvram" };

/** When a host restores a VM by itself. */
export interface GuardLimits {
  /** Without a sign of life of its controller for so long. */
  readonly leaseSeconds: number;
  /** When the overlays take more; 0 for as much as there is room. */
  readonly budgetBytes: number;
  /** When less is free where an overlay is. */
  readonly reserveBytes: number;
}

/** A folder on a host that overlays would be in. */
export interface OverlaySpace {
  readonly directory: string;
  readonly neededBytes: number;
  /** Undefined when there is no such folder. */
  readonly freeBytes: number | undefined;
}

/** A command that would run, on the host or here. */
export interface PlannedCommand {
  readonly where: "host" | "here";
  readonly command: readonly [program: string, ...args: string[]];
  /** What the host would send over it, and where that goes, for a command that does not say so itself. */
  readonly streams?: {
    readonly from: string;
    readonly to: string;
    /** 0 for no limit. */
    readonly bytesPerSecond: number;
  };
}

/** One VM's backup, decided. */
export interface VmBackupPlan {
  readonly host: Host;
  readonly versions: HostVersions;
  readonly vm: { readonly name: string; readonly uuid: string };
  /** Unique name of this backup attempt; in every object it makes on the host. ASCII letters, digits and `-`. */
  readonly backupId: string;
  /** Folder name in the store, UTC: `2026-11-23-012500`. */
  readonly folderName: string;
  readonly startedAt: Date;
  readonly wasActive: boolean;
  readonly wasPaused: boolean;
  /** Whether what an earlier backup had left of it was put right first. */
  readonly wasRestored: boolean;
  readonly disks: readonly [DiskPlan, ...DiskPlan[]];
  readonly skippedDisks: readonly SkippedDisk[];
  readonly bootFiles: readonly BootFilePlan[];
  /** Parents before children. */
  readonly snapshots: readonly SnapshotPlan[];
  readonly warnings: readonly PlanWarning[];
  readonly quiesce: QuiesceMode;
  readonly hasAgent: boolean;
  readonly compress: boolean;
  /** Whether zstd may be used: the host's QEMU can read it. */
  readonly canUseZstd: boolean;
  readonly newName: string;
  readonly newUuid: string;
  /** Names of the definition's files inside the backup's folder. */
  readonly fileNames: { readonly originalXml: string; readonly patchedXml: string };
  readonly maxBackups: number;
  /** What is kept by periods, in the place of `maxBackups`. */
  readonly keep?: KeepRules | undefined;
  readonly limits: GuardLimits;
  /** What each copy may take of the link; 0 for no limit. */
  readonly bytesPerSecond: number;
  readonly facts: VmFacts;
}
