/** Copied while the guest writes to its overlay; cloned on the host first; whichever fits. */
export const transferModes = ["auto", "direct", "staged"] as const;
export type TransferMode = (typeof transferModes)[number];
