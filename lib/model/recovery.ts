// What dead runs may have left behind, and what becomes of it.

import type { FailureReason } from "./failure.ts";
import type { GuardFacts, LeftOnHost } from "./guard.ts";
import type { DiskFormat, SourceKind, VmFacts } from "./vm.ts";

/** An overlay of ours that no guard knows of, and what lies below it. */
export interface StrayOverlay {
  readonly target: string;
  readonly overlayPath: string;
  readonly basePath: string;
  readonly baseFormat: DiskFormat;
  readonly baseSource: SourceKind;
}

/** A file on a host with a name of ours. */
export interface FileOfOurs {
  readonly path: string;
  /** `device:inode`. */
  readonly inode: string;
  /** False for links, folders and the like. */
  readonly isPlain: boolean;
}

/** Why a file with a name of ours, which no VM is known to use, is left to a person. */
export const strayReasons = [
  /** It has data of its own, and nothing says that it is in its base. */
  "holds-data",
  /** No VM, or more than one, runs on what it is based on. */
  "unknown-vm",
  /** Of some VM or image of the host it cannot be told what it is based on. */
  "unknown-users",
  /** A guard of its VM is at work or stuck. */
  "guarded",
  /** A copy of an image, made to be read from. */
  "clone",
  /** No plain file, or no image that can be read. */
  "unreadable",
] as const;
export type StrayReason = (typeof strayReasons)[number];

/** One thing to do about what was left on a host, or to tell a person. */
export type Recovery =
  /** Its controller is at work, or died a moment ago. */
  | { readonly kind: "held"; readonly guard: GuardFacts }
  /** Its controller is gone: its guard restores the host. */
  | { readonly kind: "restore"; readonly guard: GuardFacts }
  /** The guard is gone too: a new one is armed for these overlays, and restores the host at once. */
  | {
      readonly kind: "adopt";
      readonly vm: VmFacts;
      readonly backupId: string;
      readonly overlays: readonly StrayOverlay[];
      /** Whether the VM stands on them; else they are files that seem to hold nothing. */
      readonly isInUse: boolean;
      /** Whether its guest may be frozen, and can be asked. */
      readonly thawsGuest: boolean;
    }
  /** What lies below the overlay cannot be told. */
  | {
      readonly kind: "unknown-base";
      readonly vm: VmFacts;
      readonly target: string;
      readonly path: string;
      /** What the running VM uses, where only the definition for its next start names the overlay. */
      readonly livePath: string | undefined;
      readonly detail: string;
    }
  /** Folding the overlay back would write to an image that other VMs depend on. */
  | {
      readonly kind: "shared-base";
      readonly vm: VmFacts;
      readonly target: string;
      readonly overlayPath: string;
      readonly basePath: string;
      /** Their names. */
      readonly users: readonly string[];
    }
  /** Somebody else's image lies on top of our overlay. */
  | {
      readonly kind: "covered-overlay";
      readonly vm: VmFacts;
      readonly target: string;
      readonly topPath: string;
      readonly overlayPath: string;
    }
  /** A file of ours that lies about. */
  | {
      readonly kind: "stray-file";
      readonly vm: VmFacts | undefined;
      readonly path: string;
      readonly why: StrayReason;
      readonly detail: string;
    }
  /** Paused by an I/O error, and no guard is there to have it go on. */
  | { readonly kind: "paused-guest"; readonly vm: VmFacts };

/** What became of it. */
export type RecoveryOutcome =
  | { readonly kind: "restored" }
  /** The host did it, or the backup came to its end, while we waited. */
  | { readonly kind: "ended-by-itself" }
  /** Its controller lives: left alone. */
  | { readonly kind: "held" }
  | { readonly kind: "left"; readonly left: readonly LeftOnHost[]; readonly command: string }
  | { readonly kind: "needs-person" }
  | { readonly kind: "failed"; readonly reason: FailureReason }
  /** We were told to stop; the host goes on. */
  | { readonly kind: "interrupted" }
  // of a dry run
  | { readonly kind: "would-restore" }
  | { readonly kind: "would-wait"; readonly seconds: number };

/** A folder in the store that is no backup, and what became of it. */
export interface SweptFolder {
  readonly path: string;
  readonly fate: "removed" | "in-use" | "unknown-owner" | "not-ours" | "failed";
  readonly detail: string | undefined;
}

/** Where something was left: on a host, of a VM where that is known. */
export interface RecoveryPlace {
  readonly host: string;
  readonly vm: string | undefined;
}

/** What happens while hosts are recovered. */
export type RecoveryEvent =
  | { readonly kind: "survey-started"; readonly host: string }
  | { readonly kind: "host-surveyed"; readonly host: string; readonly vms: number }
  | { readonly kind: "host-failed"; readonly host: string; readonly reason: FailureReason }
  /** A VM that cannot be asked. */
  | { readonly kind: "vm-failed"; readonly host: string; readonly vm: string; readonly reason: FailureReason }
  | ({ readonly kind: "lease-awaited"; readonly guard: GuardFacts } & RecoveryPlace)
  | ({ readonly kind: "restore-started"; readonly backupId: string } & RecoveryPlace)
  | ({ readonly kind: "overlay-folded"; readonly target: string } & RecoveryPlace)
  | ({
      readonly kind: "recovered";
      readonly recovery: Recovery;
      readonly outcome: RecoveryOutcome;
    } & RecoveryPlace)
  | { readonly kind: "host-finished"; readonly host: string }
  /** The store cannot be used; the hosts are put right all the same. */
  | { readonly kind: "store-failed"; readonly store: string; readonly reason: FailureReason }
  | { readonly kind: "store-swept"; readonly store: string; readonly folders: readonly SweptFolder[] }
  | { readonly kind: "stopping"; readonly signal: string };
