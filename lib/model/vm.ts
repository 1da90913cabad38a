// What a host says about its VMs. Read once, checked at the edge, trusted inside.

import type { GuardFacts } from "./guard.ts";
import type { HostVersions } from "./host.ts";

/** Disk image formats that a backup can carry; others are skipped with a reason. */
export const diskFormats = ["qcow2", "raw"] as const;
export type DiskFormat = (typeof diskFormats)[number];

/** How libvirt reaches an image: a file, or a block device node. */
export type SourceKind = "file" | "block";

/** What `virsh domstate` says, in our words. */
export const vmStates = [
  "running",
  "paused",
  "shut-off",
  "crashed",
  "in-shutdown",
  "suspended",
  "unknown",
] as const;
export type VmState = (typeof vmStates)[number];

/** Why a disk of a VM is not part of its backup. */
export const skipReasons = [
  "cdrom",
  "floppy",
  "lun",
  "read-only",
  "shareable",
  "network-source",
  "volume-source",
  "other-source",
  "no-source",
  "transient",
  "unsupported-format",
] as const;
export type SkipReason = (typeof skipReasons)[number];

/** A disk as the domain's XML describes it, before anybody looked at its image. */
export type DomainDisk =
  | {
      readonly kind: "included";
      readonly target: string;
      readonly source: SourceKind;
      /** The image's path on the host, entities decoded. */
      readonly path: string;
      readonly format: DiskFormat;
      /** True while `<mirror>` shows a block job on this disk. */
      readonly hasMirror: boolean;
    }
  | {
      readonly kind: "skipped";
      readonly target: string;
      readonly reason: SkipReason;
      /** The image's path or what the XML names instead, for the report; undefined when there is none. */
      readonly path: string | undefined;
    };

/** A TPM of a VM. */
export interface Tpm {
  /** A program that libvirt runs for the VM; the host's own chip; somebody else's program. */
  readonly backend: "emulator" | "passthrough" | "other";
  /** Undefined where the definition does not say. */
  readonly version: "1.2" | "2.0" | undefined;
  /** UUID of the secret that libvirt has the state encrypted with. */
  readonly secret: string | undefined;
  /** What the definition says about where the state is (since libvirt 10.10), a folder or something else; mostly nothing. */
  readonly ownPlace: { readonly folder: string | undefined } | undefined;
}

/** What the domain's XML says, as far as a backup needs it. */
export interface Domain {
  readonly name: string;
  readonly uuid: string;
  readonly disks: readonly DomainDisk[];
  /** Path of the UEFI variable store, when the domain has one of its own. */
  readonly nvramPath: string | undefined;
  /** True when the variable store is on network storage, which libvirt reaches directly (since 8.5). */
  readonly hasNetworkNvram: boolean;
  readonly kernelPath: string | undefined;
  readonly initrdPath: string | undefined;
  readonly dtbPath: string | undefined;
  readonly tpm: Tpm | undefined;
  /** True when the domain has the guest agent's channel; `agentConnected` is undefined where libvirt does not say. */
  readonly hasAgentChannel: boolean;
  readonly agentConnected: boolean | undefined;
}

/** Tells one state of a file or device from another: any write, replacement or touch changes it. */
export type SourceStamp = string;

/** One image file of a disk: the disk's own image, or one below it in the backing chain. */
export interface Layer {
  readonly path: string;
  readonly source: SourceKind;
  readonly format: DiskFormat;
  readonly virtualBytes: number;
  /** Length of the file, holes included. */
  readonly fileBytes: number;
  /** Space it takes on the host. */
  readonly allocatedBytes: number;
  readonly stamp: SourceStamp;
  /** `device:inode`, the same for every path that leads to this image. */
  readonly identity: string;
  /** Names of internal snapshots inside the image. */
  readonly snapshotNames: readonly string[];
  /** Set when something about the image makes a copy useless without it. */
  readonly obstacle: "external-data-file" | "encrypted" | undefined;
}

/** A snapshot that libvirt knows of. */
export interface VmSnapshot {
  readonly name: string;
  readonly parent: string | undefined;
  /** Internal: disk contents live inside the qcow2 images. External ones are chains of files. */
  readonly location: "internal" | "external" | "mixed";
  readonly state: string;
  readonly xml: string;
  /** Targets of disks whose content this snapshot keeps inside their image. */
  readonly internalTargets: readonly string[];
}

/** A VM as its host describes it at one moment. */
export interface VmFacts {
  readonly name: string;
  readonly uuid: string;
  readonly state: VmState;
  /** libvirt's own word for why, such as `I/O error`; empty when it gave none. */
  readonly stateReason: string;
  readonly isPersistent: boolean;
  readonly hasManagedSave: boolean;
  /** libvirt's "autostart". */
  readonly startsWithHost: boolean;
  /** Names of libvirt checkpoints; empty where libvirt has none or does not know them. */
  readonly checkpoints: readonly string[];
  /** Targets of disks with an active block job. */
  readonly activeJobs: readonly string[];
  /** The definition that is in force now: the live one while the VM is active. */
  readonly domain: Domain;
  /** The definition for the next start. */
  readonly inactiveDomain: Domain;
  /** `dumpxml --inactive --security-info`, byte for byte. */
  readonly inactiveXml: string;
  /** Backing chain of each included disk of `domain`, by target; the disk's own image first. */
  readonly chains: ReadonlyMap<string, readonly Layer[]>;
  /** Why the chain of a disk could not be read, by target. */
  readonly chainTroubles: ReadonlyMap<string, string>;
  /** Parents before children. */
  readonly snapshots: readonly VmSnapshot[];
  readonly currentSnapshot: string | undefined;
  /** Free bytes of the file system each overlay would be on, by directory. */
  readonly freeBytes: ReadonlyMap<string, number>;
}

/** VMs that depend on an image, by `Layer.identity`. */
export type ImageUsers = ReadonlyMap<string, readonly { readonly uuid: string; readonly name: string }[]>;

/** A VM that cannot be backed up because what its host says of it cannot be read. */
export interface UnreadableVm {
  readonly uuid: string;
  /** Undefined when not even that is known. */
  readonly name: string | undefined;
  readonly detail: string;
}

/** What a host said about itself and its VMs. */
export interface HostFacts {
  readonly versions: HostVersions;
  readonly vms: readonly VmFacts[];
  /** VMs of which something the host said cannot be understood. */
  readonly unreadable: readonly UnreadableVm[];
  /** Who depends on each image, for telling shared bases, by the image's identity. */
  readonly imageUsers: ImageUsers;
  /** Guards of backups that are at work, or that died. */
  readonly guards: readonly GuardFacts[];
}
