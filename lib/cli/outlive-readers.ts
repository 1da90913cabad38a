// What a run writes for people must never be what ends it.

import type { Writable } from "node:stream";

/**
 * Lets the process go on when these streams cannot be written any more: the terminal was closed, the `tee` behind the
 * pipe got the same Ctrl-C, the disk with the log is full. Without this the error would end the process on the spot,
 * with VMs on their overlays. There is nowhere left to report it to; each backup keeps a log of its own.
 */
export function outliveReaders(streams: readonly Writable[]): void {
  for (const stream of streams) stream.on("error", () => undefined);
}
