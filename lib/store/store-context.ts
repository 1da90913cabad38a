// What every operation on a store needs to know.

/** The moments at which a process that writes to the store can die with a difference, in their order. */
export const storeSteps = [
  "folder-made",
  "owner-written",
  "partial-ready",
  "files-measured",
  "checksums-written",
  "contents-durable",
  "manifest-written",
  "renamed",
  "rename-durable",
  "latest-pointed",
  "published",
  "removal-checked",
  "removal-renamed",
  "removal-durable",
  "removed",
] as const;
export type StoreStep = (typeof storeSteps)[number];

/** Where a store is, and who watches its steps. */
export interface StoreContext {
  /** Absolute, links resolved. */
  readonly directory: string;
  /** Called when a step is done, for tests that end the process there. */
  readonly onStep: (step: StoreStep) => void;
}
