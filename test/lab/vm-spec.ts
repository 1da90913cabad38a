/** A disk of a laboratory VM. */
export interface DiskSpec {
  /** The name in the guest: `vda` is virtio, `sda` is virtio-scsi (`sata` for a CD-ROM), `fda` is a floppy. */
  readonly target: string;
  /** The file, as the host sees it; below /var/lib/libvirt or /srv. */
  readonly path: string;
  readonly format: "qcow2" | "raw";
  readonly sizeMib: number;
  /** Random bytes on the file system, so that there is something to copy. */
  readonly payloadMib?: number;
  /** The files below the top one, nearest first; the last is the base. Those that exist are shared, not made anew. */
  readonly backing?: readonly { readonly path: string; readonly format: "qcow2" | "raw" }[];
  readonly device?: "disk" | "cdrom" | "floppy";
  readonly readonly?: boolean;
  readonly shareable?: boolean;
  /** Makes it a block device: the file is put behind a loop device, and the VM uses /dev/lab/<this name>. */
  readonly blockDevice?: string;
}

/** A VM of the laboratory, as data. */
export interface VmSpec {
  readonly name: string;
  readonly disks: readonly DiskSpec[];
  /** Whether it is started, at once and again by every later "up". */
  readonly running: boolean;
  readonly machine?: "pc" | "q35";
  readonly uefi?: boolean;
  /** False leaves the guest agent's channel out. */
  readonly agent?: boolean;
  /** An emulated TPM 2.0. */
  readonly tpm?: boolean;
  readonly title?: string;
  /** XML text put inside `<metadata>`. */
  readonly metadata?: string;
  readonly qemuEnvironment?: Readonly<Record<string, string>>;
  /** A network card on the host's bridge. */
  readonly network?: boolean;
  readonly memoryMib?: number;
  /**
   * Seconds between two writes of the guest; 2 if nothing else is said. Measured: an emulated guest that writes every second
   * keeps 3.0 % of a processor busy, one that never does 0.7 %; a dozen are there at once.
   */
  readonly intervalSeconds?: number;
  /** Internal snapshots, made in this order; the VM ends at the one called `current`, running. */
  readonly snapshots?: SnapshotTree;
}

/** A tree of internal snapshots. */
export interface SnapshotTree {
  /** Each child comes after its parent. `running`: with memory, else taken while shut off. */
  readonly steps: readonly { readonly name: string; readonly parent?: string; readonly running: boolean }[];
  readonly current: string;
}
