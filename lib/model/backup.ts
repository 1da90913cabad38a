// A backup, once it exists: what its manifest says.

/** What a guest finds when it starts from the copy. */
export const consistencies = [
  /** File systems were frozen by the guest agent. */
  "filesystem",
  /** As after a power cut. */
  "crash",
  /** The VM was shut off, and nothing says that it had not been shut down. */
  "offline",
] as const;
export type Consistency = (typeof consistencies)[number];

/** How a disk's data came over. */
export const copyMethods = ["rsync-direct", "stream-direct"] as const;
export type CopyMethod = (typeof copyMethods)[number];
