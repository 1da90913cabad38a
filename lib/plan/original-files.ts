// The files of a VM that comes back as what it was: each at its own path. Pure.

import { join } from "node:path";
import { basename } from "node:path/posix";
import type { BootFileRole } from "../model/plan.ts";
import type { RestoredFile, RestoreNote } from "../model/restore.ts";
import type { OriginalFacts } from "./original-facts.ts";
import type { StoredVm } from "./stored-vm.ts";

/** What is brought, and what is used as it lies on the host. */
export interface OriginalFiles {
  readonly files: readonly RestoredFile[];
  readonly notes: readonly RestoreNote[];
}

/** What a file that makes room, or one that is not complete, is called beside its path. */
export function besides(path: string, restoreId: string, what: "restoring" | "replaced"): string {
  return `${path}.virtfold-${restoreId}.${what}`;
}

const ownRoles: readonly BootFileRole[] = ["nvram", "tpm"];

/** Files of the host that stay when they are as in the backup: what other VMs may use too. */
export function sharedFiles({ manifest }: StoredVm): readonly { path: string; bytes: number }[] {
  const below = manifest.disks.flatMap(({ layers }) => layers.slice(1));
  const boot = manifest.bootFiles.filter(({ role }) => !ownRoles.includes(role));
  return [...below, ...boot].map(({ sourcePath, bytes }) => ({ path: sourcePath, bytes }));
}

/**
 * The small files first, then each disk, the lowest layer of its chain first; a base that two disks share once. Devices
 * come last: by then all that can go wrong without a loss has gone well.
 */
export function originalFiles(
  stored: StoredVm,
  { files: onHost, devices }: Pick<OriginalFacts, "files" | "devices">,
  restoreId: string,
): OriginalFiles {
  const { manifest, path: folder } = stored;
  const isThere = (path: string): boolean => (onHost.get(path)?.kind ?? "missing") !== "missing";
  const isSame = (path: string, sha256: string): boolean => onHost.get(path)?.sha256 === sha256;
  const place = (path: string, fileName: string) => ({
    ...{ localPath: join(folder, fileName), hostName: basename(path), path },
    stagedPath: besides(path, restoreId, "restoring"),
    device: undefined,
  });
  const placeOnDevice = (path: string, fileName: string) => {
    const state = devices.states.get(path);
    return {
      ...{ localPath: join(folder, fileName), hostName: basename(path), path, stagedPath: path },
      device: state?.kind === "device" ? state.number : "",
    };
  };
  const files: RestoredFile[] = [];
  const notes: RestoreNote[] = [];
  for (const { role, sourcePath, fileName, bytes, sha256, access } of manifest.bootFiles) {
    if (role === "tpm") continue; // has a folder of its own
    const isOwn = ownRoles.includes(role);
    // A kernel may be that of other VMs, or of the host.
    if (!isOwn && isThere(sourcePath)) {
      if (!isSame(sourcePath, sha256)) notes.push({ kind: "file-kept", path: sourcePath });
      continue;
    }
    files.push({
      ...{ target: role, role, ...place(sourcePath, fileName), bytes, allocatedBytes: bytes, sha256, access },
      ...{ format: undefined, backing: undefined },
    });
  }
  for (const { target, source, layers } of manifest.disks) {
    for (const [depth, layer] of [...layers.entries()].toReversed()) {
      const { sourcePath, fileName, bytes, allocatedBytes, sha256, format, access } = layer;
      // One in the middle must name its base as it did then: a copy of ours that somebody put there by hand does not.
      const known = layers[depth + 1] === undefined ? sha256 : layer.sourceSha256;
      if (depth > 0 && known !== undefined && isSame(sourcePath, known)) continue;
      if (files.some(({ path }) => path === sourcePath)) continue;
      const below = layers[depth + 1];
      const backing = below === undefined ? undefined : { path: below.sourcePath, format: below.format };
      const isOnDevice = depth === 0 && source.kind === "block";
      if (isOnDevice) notes.push({ kind: "device-overwritten", target, path: sourcePath });
      files.push({
        ...{ target, role: "disk", bytes, allocatedBytes, sha256, access, format, backing },
        ...(isOnDevice ? placeOnDevice(sourcePath, fileName) : place(sourcePath, fileName)),
      });
    }
  }
  return { files: files.toSorted(devicesLast), notes };
}

function devicesLast(one: RestoredFile, other: RestoredFile): number {
  return Number(one.device !== undefined) - Number(other.device !== undefined);
}
