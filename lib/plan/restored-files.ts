// The files of a backup that go to a host, and the room they take. Pure.

import { join } from "node:path";
import type { RestoredFile, RestorePlan } from "../model/restore.ts";
import { bootName } from "./boot-name.ts";
import type { StoredVm } from "./stored-vm.ts";

type Placed = Pick<RestoredFile, "hostName" | "path" | "stagedPath" | "backing" | "device">;

/** The small files in the VM's folder first, then each disk, the lowest layer of its chain first. */
export function restoredFiles(
  { path, manifest }: StoredVm,
  folder: RestorePlan["folder"],
): readonly RestoredFile[] {
  const place = (hostName: string): Placed => ({
    ...{ hostName, path: `${folder.path}/${hostName}`, stagedPath: `${folder.stagedPath}/${hostName}` },
    // The layers of a chain name each other by file name, and stay beside each other.
    ...{ backing: undefined, device: undefined },
  });
  return [
    ...manifest.bootFiles
      .filter(({ role }) => role !== "tpm")
      .map(({ role, fileName, bytes, sha256, access }): RestoredFile => ({
        ...{ target: role, role, localPath: join(path, fileName), ...place(bootName(role)) },
        ...{ bytes, allocatedBytes: bytes, sha256, format: undefined, access },
      })),
    ...manifest.disks.flatMap(({ target, layers }) =>
      layers
        .toReversed()
        .map(({ fileName, bytes, allocatedBytes, sha256, format, access }): RestoredFile => ({
          ...{ target, role: "disk", localPath: join(path, fileName), ...place(fileName) },
          ...{ bytes, allocatedBytes, sha256, format, access },
        })),
    ),
  ];
}

/** File systems keep their own accounts of what files take. */
const spareBytes = 64 * 1024 * 1024;

/** The free bytes that a host must have for these files. */
export function roomFor(files: readonly RestoredFile[]): number {
  const taken = files.reduce((sum, { bytes, allocatedBytes }) => sum + Math.min(bytes, allocatedBytes), 0);
  return Math.ceil(taken * 1.01) + spareBytes;
}
