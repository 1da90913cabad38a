// Which disks of a backup were on block devices, and what was said about these. Pure.

import { BackupError } from "../model/failure.ts";
import type { StoredVm } from "./stored-vm.ts";

/** A disk that was on a block device. */
export interface StoredDevice {
  readonly target: string;
  readonly path: string;
  /** As long as the device must be. */
  readonly bytes: number;
}

/** Those whose own image was; what is below that is never written to a device. */
export function storedDevices({ manifest }: Pick<StoredVm, "manifest">): readonly StoredDevice[] {
  return manifest.disks.flatMap(({ target, source, layers }) => {
    const [own] = layers;
    return source.kind === "block" && own !== undefined
      ? [{ target, path: own.sourcePath, bytes: own.bytes }]
      : [];
  });
}

/** Who names a device that may be written over means this very backup. @throws BackupError `usage`. */
export function refuseStrayDevices(stored: Pick<StoredVm, "manifest">, named: readonly string[]): void {
  const devices = storedDevices(stored);
  const stray = named.find((path) => !devices.some((device) => device.path === path));
  if (stray === undefined) return;
  const were = devices.map(({ target, path }) => `${target} on ${JSON.stringify(path)}`).join(", ");
  throw new BackupError({
    kind: "usage",
    detail: `--overwrite-device ${JSON.stringify(stray)}: no disk of this backup was on it`,
    hint: devices.length === 0 ? "None of its disks was on a block device" : `It had ${were}`,
  });
}
