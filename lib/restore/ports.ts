// What a restore touches outside itself.

import type { Guard, HostShell, LinkBreak } from "../backup/ports.ts";
import type { Emit } from "../model/event.ts";
import type { Misfit } from "../model/misfit.ts";
import type { RestoreEvent } from "../model/restore.ts";
import type { Command } from "../shell/command.ts";

/** Brings files from this machine to the host. */
export interface ImagePusher {
  /**
   * Copies a regular file to `hostPath`, whose folder exists and is ours, sparse where both ends can. When the link breaks
   * it is tried again for half a minute, and goes on where it was. That all arrived is for the caller to check.
   * @throws BackupError `push-failed`, `host-full`, `connection-lost`, `tool-missing`, `interrupted`.
   */
  pushFile(
    file: { readonly localPath: string; readonly hostPath: string },
    options: PushOptions,
  ): Promise<void>;
  /**
   * Writes a regular file onto a block device of the host, zeros too, and makes it durable there. Goes on likewise, behind
   * what the host has said to be written.
   * @throws BackupError `device-failed`, `connection-lost`, `interrupted`.
   */
  pushToDevice(device: DevicePush, options: PushOptions): Promise<void>;
}

/** How a push is followed and ended. */
export interface PushOptions {
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
  readonly onBreak: (broken: LinkBreak) => void;
}

/** A file and the device that it goes onto. */
export interface DevicePush {
  readonly localPath: string;
  readonly bytes: number;
  /** For messages. */
  readonly devicePath: string;
  /** What writes there, as a command of the host that reads what is to be written (guard.sh, `write`). */
  readonly writer: (marker: string) => Command;
  /** Called right before the first byte is sent, of each attempt. */
  readonly onOpen: () => void;
}

/** Everything one VM's restore may touch. */
export interface RestorePorts extends CopyPorts {
  /** What keeps the plan's devices from being written to as they are by now. */
  readonly lookAtDevices: () => Promise<readonly Misfit[]>;
}

/** What of it a VM needs that is written to no device, as that of a drill. */
export interface CopyPorts {
  readonly shell: HostShell;
  readonly pusher: ImagePusher;
  readonly armGuard: () => Promise<Guard>;
  /** The checksum of a file in the store as it is now. @throws the signal's reason when that aborts. */
  readonly hashStored: (localPath: string, signal?: AbortSignal) => Promise<string>;
  readonly emit: Emit<RestoreEvent>;
  readonly signal: AbortSignal;
  readonly now: () => Date;
}
