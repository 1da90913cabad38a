// A block device of a host, as it is now.

/** What uses a device, one of its partitions, or the device that it is a partition of. */
export interface DeviceUse {
  /**
   * Another device on top of it; a mounted file system; swap; a loop device; a process that may write to it; something
   * that the kernel does not name.
   */
  readonly kind: "holder" | "mounted" | "swap" | "loop" | "process" | "claimed";
  /** The other device, the folder, or the process with its number; empty where there is no name. */
  readonly name: string;
}

/** What a path of a host leads to. */
export type DeviceState =
  | { readonly kind: "missing" }
  /** Something that is no block device. */
  | { readonly kind: "other" }
  | { readonly kind: "unknown"; readonly detail: string }
  | {
      readonly kind: "device";
      /** As the kernel counts devices, `253:3`; the same for every path that leads to it. */
      readonly number: string;
      /** Its own number, those of its partitions, and that of the device that it is a partition of. */
      readonly kin: readonly string[];
      readonly bytes: number;
      readonly isReadOnly: boolean;
      readonly uses: readonly DeviceUse[];
    };
