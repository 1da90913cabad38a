// What a prune decided and did, for reports. Types only.

import type { FailureReason } from "./failure.ts";

/** What becomes of one entry of the store, and why, in few words. */
export interface Pruned {
  readonly host: string;
  readonly vm: string;
  /** Absolute. */
  readonly path: string;
  /** The folder's name, for people. */
  readonly when: string;
  /** "would-remove": in a dry run. "in-use": was to go, but is being read. "ignored": no matter of retention. */
  readonly fate: "kept" | "removed" | "would-remove" | "in-use" | "failed" | "ignored";
  readonly why: string;
  readonly reason: FailureReason | undefined;
  readonly storedBytes: number;
}
