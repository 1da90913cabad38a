// Events of a recovery → what was found and what became of it. A pure fold; summary and exit code read it.

import type { FailureReason } from "../model/failure.ts";
import type {
  Recovery,
  RecoveryEvent,
  RecoveryOutcome,
  RecoveryPlace,
  SweptFolder,
} from "../model/recovery.ts";

/** Something that was left on a host, and what became of it. */
export interface RecoveryItem extends RecoveryPlace {
  readonly recovery: Recovery;
  readonly outcome: RecoveryOutcome;
}

/** Where a recovery stands. */
export interface RecoveryStatus {
  readonly items: readonly RecoveryItem[];
  readonly folders: readonly SweptFolder[];
  readonly failedHosts: readonly { readonly host: string; readonly reason: FailureReason }[];
  readonly failedVms: readonly {
    readonly host: string;
    readonly vm: string;
    readonly reason: FailureReason;
  }[];
  readonly startedHosts: readonly string[];
  /** Those that were looked through to the end. */
  readonly finishedHosts: readonly string[];
  /** The store that was looked through; undefined for none. */
  readonly store: string | undefined;
  /** Why the store could not be looked through. */
  readonly storeFailure: FailureReason | undefined;
}

export const emptyRecovery: RecoveryStatus = {
  ...{ items: [], folders: [], failedHosts: [], failedVms: [] },
  ...{ startedHosts: [], finishedHosts: [] },
  ...{ store: undefined, storeFailure: undefined },
};

/** The status after one more event; the given status stays as it was. */
export function recoveryStatus(status: RecoveryStatus, event: RecoveryEvent): RecoveryStatus {
  switch (event.kind) {
    case "recovered":
      return { ...status, items: [...status.items, event] };
    case "host-failed":
      return { ...status, failedHosts: [...status.failedHosts, event] };
    case "vm-failed":
      return { ...status, failedVms: [...status.failedVms, event] };
    case "survey-started":
      return { ...status, startedHosts: [...status.startedHosts, event.host] };
    case "host-finished":
      return { ...status, finishedHosts: [...status.finishedHosts, event.host] };
    case "store-failed":
      return { ...status, storeFailure: event.reason };
    case "store-swept":
      return { ...status, store: event.store, folders: event.folders };
    default:
      return status;
  }
}

/** Whether a person must do something about it. */
export function needsPerson({ outcome }: RecoveryItem): boolean {
  return ["left", "needs-person", "failed"].includes(outcome.kind);
}

/** Whether somebody must look at a folder that was kept. */
export function isForPerson({ fate }: SweptFolder): boolean {
  return fate !== "removed" && fate !== "in-use";
}
