// A small file system of its own inside a host, for what shall run out of room.

import type { LabHost } from "../lab/lab-host.ts";

/** Where it is mounted. */
export const smallFolder = "/srv/small";

/** Room enough that a backup of the victim is begun: 64 MiB for each of its disks. */
const sizeMib = 224;

/** Mounts a new ext4 on the folder, does the work, and takes it away again, whatever happens. */
export async function withSmallFileSystem<T>(
  host: LabHost,
  folder: string,
  work: () => Promise<T>,
): Promise<T> {
  await makeSmallFileSystem(host, folder);
  try {
    return await work();
  } finally {
    await removeSmallFileSystem(host, folder);
  }
}

/** Mounts a new ext4 on the folder, in the place of one that an interrupted run has left there. */
export async function makeSmallFileSystem(host: LabHost, folder: string): Promise<void> {
  await host.check(["sh", "-ec", `${clear}\n${make}`, "sh", folder, `${sizeMib}M`]);
}

/** Takes it away, also when something on it is still open. */
export async function removeSmallFileSystem(host: LabHost, folder: string): Promise<void> {
  await host.run(["sh", "-c", `${clear}\n${remove}`, "sh", folder]);
}

// The image is removed, not written anew: where something is still open, it is in use.
const clear = `
while mountpoint -q "$1"; do umount "$1" || umount --lazy "$1" || break; done
rm -f "$1.image"`;

const make = `
mkdir -p "$1"
truncate -s "$2" "$1.image"
mkfs.ext4 -q -m 0 "$1.image"
mount -o loop "$1.image" "$1"`;

const remove = 'rmdir "$1"';
