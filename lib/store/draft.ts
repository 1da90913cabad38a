// A manifest before its files were read. Pure.

import type { Manifest } from "./manifest.ts";
import { manifestVersion } from "./manifest.ts";

/** What reading a file of a backup showed. */
export interface MeasuredFile {
  /** Length, holes included. */
  readonly bytes: number;
  /** Space it takes in the store. */
  readonly allocatedBytes: number;
  readonly sha256: string;
  /** The last write, rounded up to a millisecond. */
  readonly modifiedAt: Date;
}

const maximumReasonLength = 2000;

type Unmeasured<T> = Omit<T, "bytes" | "allocatedBytes" | "sha256">;
type Disk = Manifest["disks"][number];
type Snapshots = Manifest["snapshots"];

/** All that the backup itself knows; the store adds version, lengths, checksums and the end's moment. */
export interface BackupDraft extends Omit<
  Manifest,
  "version" | "finishedAt" | "disks" | "bootFiles" | "snapshots" | "files"
> {
  readonly disks: readonly (Omit<Disk, "layers"> & {
    readonly layers: readonly Unmeasured<Disk["layers"][number]>[];
  })[];
  readonly bootFiles: readonly Unmeasured<Manifest["bootFiles"][number]>[];
  readonly snapshots: Omit<Snapshots, "order"> & {
    readonly order: readonly Unmeasured<Snapshots["order"][number]>[];
  };
  readonly files: {
    readonly originalXml: { readonly fileName: string };
    readonly patchedXml: { readonly fileName: string };
  };
}

/** The manifest of a draft whose files were all measured, by file name. */
export function completeManifest(
  draft: BackupDraft,
  measured: ReadonlyMap<string, MeasuredFile>,
  finishedAt: Date,
): Manifest {
  const facts = (fileName: string): MeasuredFile => {
    const found = measured.get(fileName);
    if (found === undefined) throw new Error(`Not measured: ${JSON.stringify(fileName)}`);
    return found;
  };
  const stored = <T extends { readonly fileName: string }>(
    file: T,
  ): T & { bytes: number; sha256: string } => {
    const { bytes, sha256 } = facts(file.fileName);
    return { ...file, bytes, sha256 };
  };
  return {
    version: manifestVersion,
    ...draft,
    // A host's longest complaint must not cost a backup that was copied already.
    whyNotFilesystem: draft.whyNotFilesystem?.slice(0, maximumReasonLength),
    finishedAt: finishedAt.toISOString(),
    disks: draft.disks.map((disk) => ({
      ...disk,
      layers: disk.layers.map((layer) => ({
        ...stored(layer),
        allocatedBytes: facts(layer.fileName).allocatedBytes,
      })),
    })),
    bootFiles: draft.bootFiles.map(stored),
    snapshots: { ...draft.snapshots, order: draft.snapshots.order.map(stored) },
    files: { originalXml: stored(draft.files.originalXml), patchedXml: stored(draft.files.patchedXml) },
  };
}
