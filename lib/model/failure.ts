// What can go wrong, as data. The sentences are in report/describe-failure.ts.

import type { DrillRefusal } from "./drill-refusal.ts";
import type { ForeignClaim } from "./foreign-claim.ts";
import type { LeftOnHost, RestoreCause } from "./guard.ts";
import type { HostFailure } from "./host-failure.ts";
import type { InventoryProblem } from "./inventory-problem.ts";
import type { RestoreFailure } from "./restore-failure.ts";

/** Why a VM cannot be backed up as it stands now; found before anything is touched. */
export type VmObstacle =
  | { readonly kind: "no-disk" }
  | { readonly kind: "transient-domain" }
  | { readonly kind: "unusable-state"; readonly state: string; readonly stateReason: string }
  /** libvirt keeps the definition of a VM that was migrated away; it may run elsewhere, on the same disks. */
  | { readonly kind: "migrated-away" }
  | { readonly kind: "checkpoints"; readonly names: readonly string[] }
  | { readonly kind: "active-job"; readonly target: string }
  | {
      readonly kind: "own-overlay";
      readonly target: string;
      readonly path: string;
      readonly backupId: string;
    }
  | {
      readonly kind: "definition-differs";
      readonly target: string;
      readonly live: string;
      readonly inactive: string;
    }
  | {
      readonly kind: "shared-base";
      readonly target: string;
      readonly path: string;
      readonly users: readonly string[];
    }
  | {
      readonly kind: "chain-too-deep";
      readonly target: string;
      readonly layers: number;
      readonly limit: number;
    }
  | { readonly kind: "external-data-file"; readonly target: string; readonly path: string }
  | {
      readonly kind: "unreadable-image";
      readonly target: string;
      readonly path: string;
      readonly detail: string;
    }
  | { readonly kind: "unusable-path"; readonly path: string }
  /** libvirt lists an internal snapshot that no image of the disk holds. */
  | { readonly kind: "snapshot-not-in-image"; readonly target: string; readonly snapshot: string }
  /** The definition names an image or boot file of which there would be no copy: a restored VM would use the original's. */
  | { readonly kind: "uncopied-path"; readonly target: string; readonly path: string }
  | { readonly kind: "no-overlay-folder"; readonly directory: string }
  | {
      readonly kind: "no-overlay-space";
      readonly directory: string;
      readonly freeBytes: number;
      readonly neededBytes: number;
    }
  | { readonly kind: "agent-required" };

/** Why something could not be done. Each member has the facts its sentence needs, and no sentence. */
export type FailureReason =
  // the host and the way to it
  | HostFailure
  | { readonly kind: "tool-missing"; readonly where: string; readonly tool: string }
  | {
      readonly kind: "libvirt-unreachable";
      readonly host: string;
      readonly uri: string;
      readonly detail: string;
    }
  | {
      readonly kind: "command-failed";
      readonly host: string;
      readonly command: string;
      readonly code: number;
      readonly detail: string;
    }
  | {
      readonly kind: "unexpected-answer";
      readonly host: string;
      readonly command: string;
      readonly detail: string;
    }
  // the VM
  | {
      readonly kind: "vm-not-found";
      readonly host: string;
      readonly vm: string;
      readonly known: readonly string[];
    }
  | {
      readonly kind: "vm-obstacle";
      readonly host: string;
      readonly vm: string;
      readonly obstacle: VmObstacle;
    }
  | { readonly kind: "vm-unreadable"; readonly host: string; readonly vm: string; readonly detail: string }
  | { readonly kind: "vm-changed"; readonly vm: string; readonly what: string }
  | { readonly kind: "vm-started-while-copied"; readonly vm: string; readonly state: string }
  | { readonly kind: "source-changed"; readonly vm: string; readonly target: string; readonly path: string }
  | {
      readonly kind: "guard-held";
      readonly host: string;
      readonly vm: string;
      readonly backupId: string;
      readonly since: string;
      readonly controller: string;
    }
  /** What an earlier backup left on the host cannot be undone by program. */
  | {
      readonly kind: "guard-stuck";
      readonly host: string;
      readonly vm: string;
      readonly backupId: string;
      readonly left: readonly LeftOnHost[];
      readonly command: string;
    }
  /** The host could not be told for too long that this controller lives; it restores itself. */
  | {
      readonly kind: "lease-lost";
      readonly host: string;
      readonly vm: string;
      readonly seconds: number;
      readonly detail: string;
    }
  | {
      readonly kind: "host-restored-itself";
      readonly host: string;
      readonly vm: string;
      readonly cause: RestoreCause;
      readonly detail: string;
    }
  | { readonly kind: "guard-failed"; readonly host: string; readonly vm: string; readonly detail: string }
  | { readonly kind: "snapshot-failed"; readonly host: string; readonly vm: string; readonly detail: string }
  | {
      readonly kind: "snapshot-incomplete";
      readonly vm: string;
      /** Disks that moved to another overlay than planned, or to none, or that were not planned at all. */
      readonly targets: readonly string[];
      /** Overlays that the guard does not know of, so that they stay. */
      readonly stays: readonly { readonly target: string; readonly path: string }[];
    }
  | {
      readonly kind: "quiesce-failed";
      readonly vm: string;
      readonly detail: string;
      /** The mode that would have made a backup all the same. */
      readonly milder: "auto" | "never";
    }
  | { readonly kind: "host-left-changed"; readonly host: string; readonly vm: string }
  // copies
  | {
      readonly kind: "copy-failed";
      readonly vm: string;
      readonly target: string;
      readonly path: string;
      readonly code: number | null;
      readonly detail: string;
    }
  | { readonly kind: "copy-unreadable"; readonly vm: string; readonly path: string; readonly detail: string }
  | { readonly kind: "copy-damaged"; readonly vm: string; readonly fileName: string; readonly detail: string }
  | {
      readonly kind: "snapshot-not-in-copy";
      readonly vm: string;
      readonly target: string;
      readonly snapshot: string;
    }
  // the store
  | { readonly kind: "store-missing"; readonly store: string }
  | { readonly kind: "store-not-writable"; readonly store: string; readonly detail: string }
  | {
      readonly kind: "store-full";
      readonly store: string;
      readonly neededBytes: number | undefined;
      readonly freeBytes: number | undefined;
    }
  | { readonly kind: "store-conflict"; readonly path: string }
  /** Another run backs up into it, or nobody can tell from here that it does not. */
  | {
      readonly kind: "store-held";
      readonly store: string;
      readonly lock: string;
      readonly state: "alive" | "unknown";
      /** Undefined when the lock does not say it. */
      readonly holder: { readonly user: string; readonly machine: string; readonly pid: number } | undefined;
      readonly since: string | undefined;
    }
  | { readonly kind: "store-entry-bad"; readonly path: string; readonly detail: string }
  | ({ readonly kind: "backup-claimed" } & ForeignClaim)
  // what was asked for
  | { readonly kind: "usage"; readonly detail: string; readonly hint: string }
  | { readonly kind: "inventory-bad"; readonly problems: readonly InventoryProblem[] }
  /** A target names several hosts, and no VM of any of them is called like that. */
  | {
      readonly kind: "no-vm-matches";
      readonly target: string;
      readonly hosts: readonly string[];
      readonly known: readonly string[];
    }
  /** The operator's own program, run before or after a run or a VM, did not do well. */
  | {
      readonly kind: "hook-failed";
      readonly program: string;
      readonly moment: string;
      readonly detail: string;
    }
  | DrillRefusal
  | RestoreFailure
  | { readonly kind: "interrupted"; readonly signal: string };

export type FailureKind = FailureReason["kind"];

/** Expected trouble: something outside went wrong and the reason says what. Everything else thrown is a bug. */
export class BackupError extends Error {
  readonly reason: FailureReason;

  constructor(reason: FailureReason, options?: { cause?: unknown }) {
    super(`${reason.kind}: ${JSON.stringify(reason)}`, options);
    this.name = "BackupError";
    this.reason = reason;
  }
}
