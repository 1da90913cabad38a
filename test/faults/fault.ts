// What a fault is.

import type { LabHost } from "../lab/lab-host.ts";
import type { RunningBackup } from "../e2e/support/virtfold-process.ts";
import type { Exclusion, Outcome } from "./outcome.ts";
import type { PointName } from "./points.ts";

/** Where a fault strikes. */
export interface Scene {
  readonly host: LabHost;
  readonly run: RunningBackup;
  /** Undefined at a random moment. */
  readonly point: PointName | undefined;
  /** The folder of this machine on whose small file system the store is. */
  readonly volume: string;
  readonly leaseSeconds: number;
}

/** What is true of a VM afterwards. `same process`: it ran all the time; `off`: the fault ended it. */
export type VmAfter = "same process" | "off";

/**
 * Whether somebody must come and recover the host: `needed` when nobody is left that could restore it, `allowed` when
 * the fault may have come too early or too late for that.
 */
export type RecoveryNeed = "none" | "allowed" | "needed";

/** One thing that can go wrong, and what is true then. */
export interface Fault {
  readonly name: string;
  /** The head of its column. */
  readonly label: string;
  readonly leaseSeconds: number;
  /**
   * Whether the controller stands still (SIGSTOP) until the fault has happened: one that takes its time would otherwise
   * happen in a later step than it is meant for.
   */
  readonly holdsController: boolean;
  /** A folder of the host for overlays, on a small file system of its own. */
  readonly overlayFolder?: string;
  inject(scene: Scene): Promise<void>;
  /** Ends the fault when the victim's backup has ended; whatever it was meant for is over then. */
  mend?(scene: Scene): Promise<void>;
  outcomeAt(point: PointName): Outcome | Exclusion;
  readonly victimAfter: VmAfter;
  readonly otherAfter: VmAfter;
  recoveryAt(point: PointName): RecoveryNeed;
}

/** What most faults have in common: everybody lives, the controller goes on at once, nobody must recover anything. */
export const ordinary = {
  leaseSeconds: 30,
  holdsController: false,
  victimAfter: "same process",
  otherAfter: "same process",
  recoveryAt: (): RecoveryNeed => "none",
} as const;
