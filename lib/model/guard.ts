// What a host's own safety net says of itself.

/** Something a guard could not undo. */
export interface LeftOnHost {
  readonly action: string;
  readonly detail: string;
}

/** Why a host restored itself: its controller asked, or one of these happened. */
export const restoreCauses = [
  /** The controller had it restored, at the end of a backup or of a failed one. */
  "asked",
  /** The controller did not renew its lease. */
  "lease",
  /** The host has booted since: what was read before may have been in its memory only. */
  "boot",
  /** The overlays took more than they may. */
  "budget",
  /** The file system of an overlay or a base ran short of room. */
  "space",
  /** An earlier restore had died or got stuck. */
  "again",
  /** `virtfold recover`, or a person. */
  "recover",
] as const;
export type RestoreCause = (typeof restoreCauses)[number];

/** What a guard leaves when it has put the host right. */
export interface Receipt {
  readonly backupId: string;
  readonly cause: RestoreCause;
  readonly detail: string;
  /** From the first record of an overlay to its end, by the host's clock. */
  readonly secondsOnOverlay: number;
  /** The most that all overlays together were seen to take. */
  readonly peakBytes: number;
  /** ISO 8601, the host's clock. */
  readonly endedAt: string;
}

/** A guard as it is found on a host. */
export interface GuardFacts {
  readonly folder: string;
  readonly uuid: string;
  readonly backupId: string;
  readonly vm: string;
  readonly controller: string;
  /** ISO 8601, the host's clock. */
  readonly since: string;
  /** `stuck`: it could not undo everything, and says what in `troubles`. */
  readonly state: "open" | "restoring" | "stuck";
  /** Undefined when that cannot be told: the host has booted since, or the guard has no lease. */
  readonly renewedSecondsAgo: number | undefined;
  readonly leaseSeconds: number;
  /** Whether the host will restore itself. */
  readonly isWatched: boolean;
  readonly troubles: readonly LeftOnHost[];
}

/** The guards of a host, and what became of the last one of each VM. */
export interface GuardReport {
  readonly guards: readonly GuardFacts[];
  readonly receipts: readonly (Receipt & { readonly uuid: string })[];
}

/** How a restore of a host ended. */
export interface Restoration {
  /** What could not be undone; empty when the host is as before. */
  readonly left: readonly LeftOnHost[];
  /** Undefined when something is left, or when the host could not keep one. */
  readonly receipt: Receipt | undefined;
}

/** Whether the controller of a guard still lives, as far as its host can tell: then it is its own affair. */
export function isHeld(guard: Pick<GuardFacts, "state" | "renewedSecondsAgo" | "leaseSeconds">): boolean {
  const { state, renewedSecondsAgo, leaseSeconds } = guard;
  return state !== "stuck" && renewedSecondsAgo !== undefined && renewedSecondsAgo < leaseSeconds;
}
