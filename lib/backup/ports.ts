// What a backup touches outside itself. Each port has a real implementation and a fake; one contract suite runs on both.

import type { Emit, VmEvent } from "../model/event.ts";
import type { Restoration, RestoreCause } from "../model/guard.ts";
import type { ImageTools } from "../images/image-tools.ts";
import type { LayerPlan, VmBackupPlan } from "../model/plan.ts";
import type { PartialBackup } from "../store/partial-backup.ts";
import type { Command } from "../shell/command.ts";
import type { UndoAction } from "../guard/undo-action.ts";

/** How a remote command ended; only `code === 0` is success. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Enforced on the host: the command is ended there. Default 60 s. Ended by it, `code` is 124. */
  readonly deadlineSeconds?: number;
  /** Called with each whole line of standard output as it comes; the lines are not kept then. */
  readonly onLine?: (line: string) => void;
}

/** Runs commands on one host. */
export interface HostShell {
  /** Name of the host, for messages. */
  readonly name: string;
  /**
   * Runs one command. Its own failure is a result.
   * @throws BackupError `connection-lost` when the link broke: then nobody knows whether the command ran.
   */
  run(command: Command, options?: RunOptions): Promise<CommandResult>;
  /** Runs many read-only commands in one round trip, in order; each one's failure is its own result. */
  runAll(
    commands: readonly Command[],
    options?: { readonly deadlineSeconds?: number },
  ): Promise<readonly CommandResult[]>;
  /** Runs a POSIX sh script with these arguments; the text travels on standard input, never in argv. */
  runScript(script: string, argv: readonly string[], options?: RunOptions): Promise<CommandResult>;
}

export interface CopyProgress {
  readonly bytes: number;
  readonly totalBytes: number;
}

/** A link that broke under a copy, which goes on after the pause where it was. */
export interface LinkBreak {
  readonly detail: string;
  readonly pauseSeconds: number;
}

/** What a copy tells when it is done. */
export interface CopyResult {
  readonly method: "rsync-direct" | "stream-direct";
  readonly seconds: number;
  /** What came over the link for it, in all attempts; of one that broke perhaps less than came. */
  readonly sentBytes: number;
}

/** Brings images from the host to this machine. */
export interface DiskCopier {
  /**
   * Copies one image to `destination` (an absolute local path whose folder exists and is ours), sparse.
   * When it resolves, the destination is a regular file of exactly `layer.fileBytes` bytes with mode 0600.
   * When the link breaks it is tried again for half a minute, and goes on where it was: the source must stand still.
   * @throws BackupError `copy-failed`, `copy-unreadable`, `store-full`, `connection-lost`, `interrupted`.
   */
  copyImage(
    layer: Pick<LayerPlan, "path" | "source" | "fileBytes">,
    destination: string,
    options: {
      readonly onProgress?: (progress: CopyProgress) => void;
      readonly onBreak?: (broken: LinkBreak) => void;
      readonly signal: AbortSignal;
    },
  ): Promise<CopyResult>;
  /** Copies one small file likewise; its length is not known beforehand. */
  copyFile(path: string, destination: string, options: { readonly signal: AbortSignal }): Promise<void>;
}

/** The other end of guard.sh: the host's own safety net for one VM's backup. */
export interface Guard {
  /** Makes an undo durable on the host; to be called before the change it undoes. */
  record(actions: readonly UndoAction[]): Promise<void>;
  /** Tells the host that what a verb would undo is known to be undone already. */
  settle(verb: UndoAction["verb"]): Promise<void>;
  /**
   * Tells the host that what these verbs would undo, of all that is recorded so far, is to stay. All of it or none;
   * refused when the host has begun to restore itself.
   */
  keep(verbs: readonly UndoAction["verb"][]): Promise<void>;
  /** Puts a text into the guard's own folder, which goes with the guard; returns its path on the host. */
  placeFile(fileName: string, text: string): Promise<string>;
  /** Path on the host of the definition that the guard was armed with. */
  readonly definitionPath: string;
  /**
   * Runs a change under the guard's lock, once it is seen that the guard's watcher is alive; refused when the host has
   * begun to restore itself.
   */
  change(command: Command, options?: RunOptions): Promise<CommandResult>;
  /**
   * What puts its standard input onto a block device, as a command of the host; no undo brings back what was there. The
   * device has that number, or nothing is written. Refused, and ended, when the host begins to restore itself.
   */
  deviceWriter(device: { readonly path: string; readonly number: string; readonly marker: string }): Command;
  /** Tells the host that this controller lives. @throws BackupError when the host cannot be asked. */
  renew(): Promise<LeaseAnswer>;
  /** How long the host waits for a sign of life; 0 when nobody watches. */
  readonly leaseSeconds: number;
  /** Undoes everything recorded, newest first. Never throws: what it could not undo it returns. */
  restore(onProgress: (progress: RestoreProgress) => void): Promise<Restoration>;
  /** What a person runs on the host to restore it by hand. */
  readonly restoreCommand: string;
}

/** What a host says to a sign of life. */
export type LeaseAnswer =
  | { readonly kind: "open"; readonly peakBytes: number }
  /** The host restores itself, or has done so. */
  | { readonly kind: "ended"; readonly cause: RestoreCause; readonly detail: string }
  /** It could not do as it was asked; nothing follows from that but the end of the lease in time. */
  | { readonly kind: "unclear"; readonly detail: string };

export type RestoreProgress =
  | { readonly kind: "fold-progress"; readonly target: string; readonly percent: number }
  | { readonly kind: "overlay-folded"; readonly target: string };

/** What a backup asks of the store. */
export interface BackupStore {
  readonly directory: string;
  freeBytes(): Promise<number>;
  beginBackup(): Promise<PartialBackup>;
  /**
   * Removes what the retention policy no longer keeps of this VM, the backup just published being the newest.
   * @returns how many good ones are left, the paths removed, and the folder.
   */
  rotate(
    plan: VmBackupPlan,
  ): Promise<{ readonly kept: number; readonly removed: readonly string[]; readonly directory: string }>;
}

/** Everything one VM's backup may touch. */
export interface Ports {
  readonly shell: HostShell;
  readonly copier: DiskCopier;
  readonly images: ImageTools;
  readonly armGuard: () => Promise<Guard>;
  readonly store: BackupStore;
  readonly emit: Emit<VmEvent>;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** The log of this VM so far, for `backup.log`. */
  readonly logText: () => string;
}
