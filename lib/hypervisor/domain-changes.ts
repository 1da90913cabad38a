// What becomes of a VM's definition when it is to run from a backup.

import type { BootFileRole } from "../model/plan.ts";
import type { DiskFormat } from "../model/vm.ts";

/** An image of the VM and the copy that takes its place. */
export interface LayerCopy {
  /** Path of the image on the host. */
  readonly oldPath: string;
  /** Absolute path of the copy, a regular file or, where that is said, a block device. */
  readonly path: string;
  readonly isDevice?: boolean;
  /** Format of the copy. */
  readonly format: DiskFormat;
}

/** The copies of one disk: its own image first, then what it is backed by. */
export interface DiskCopy {
  readonly target: string;
  readonly layers: readonly [LayerCopy, ...LayerCopy[]];
}

export interface DomainChanges {
  readonly name: string;
  readonly uuid: string;
  readonly disks: readonly DiskCopy[];
  /** Absolute paths of the copies; no entry where there is no copy. */
  readonly bootFiles: Readonly<Partial<Record<BootFileRole, string>>>;
}

/** Something in a definition that still points at the host the VM came from, because no copy of it was given. */
export interface UnpatchedPath {
  /** Target of the disk, or the role of the boot file. */
  readonly target: string;
  readonly path: string;
}

/**
 * The copies that stand for a disk's chain: those of the image it names, wherever that is in a chain, else those of the
 * disk with its target. A snapshot may name an image that has since moved, or become another disk's base.
 */
export function findCopies(
  changes: DomainChanges,
  disk: { target: string; path: string },
): readonly LayerCopy[] {
  const ownFirst = changes.disks.toSorted(
    (one, other) => Number(other.target === disk.target) - Number(one.target === disk.target),
  );
  for (const { layers } of ownFirst) {
    const depth = layers.findIndex(({ oldPath }) => oldPath === disk.path);
    if (depth !== -1) return layers.slice(depth);
  }
  return changes.disks.find(({ target }) => target === disk.target)?.layers ?? [];
}
