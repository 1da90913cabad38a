// What a restore touches outside itself.

import type { Guard, HostShell, LinkBreak } from "../backup/ports.ts";
import type { Emit } from "../model/event.ts";
import type { RestoreEvent } from "../model/restore.ts";

/** Brings files from this machine to the host. */
export interface ImagePusher {
  /**
   * Copies a regular file to `hostPath`, whose folder exists and is ours, sparse where both ends can. When the link breaks
   * it is tried again for half a minute, and goes on where it was. That all arrived is for the caller to check.
   * @throws BackupError `push-failed`, `host-full`, `connection-lost`, `tool-missing`, `interrupted`.
   */
  pushFile(
    file: { readonly localPath: string; readonly hostPath: string },
    options: {
      readonly signal: AbortSignal;
      readonly onBytes: (bytes: number) => void;
      readonly onBreak: (broken: LinkBreak) => void;
    },
  ): Promise<void>;
}

/** Everything one VM's restore may touch. */
export interface RestorePorts {
  readonly shell: HostShell;
  readonly pusher: ImagePusher;
  readonly armGuard: () => Promise<Guard>;
  /** The checksum of a file in the store as it is now. */
  readonly hashStored: (localPath: string) => Promise<string>;
  readonly emit: Emit<RestoreEvent>;
  readonly signal: AbortSignal;
  readonly now: () => Date;
}
