// Where a disk's overlay goes.

import type { DomainDisk } from "../model/vm.ts";

type IncludedDisk = Extract<DomainDisk, { kind: "included" }>;

/** libvirt's own image folder: where an overlay goes when nothing better is known. */
export const defaultDirectory = "/var/lib/libvirt/images";

/** The folder that is configured for the overlays of a VM, by its name, or of a host's VMs as a whole. */
export type OverlayDirectoryOf = (vm?: string) => string | undefined;

/**
 * The folder for a disk's overlay: the configured one, else beside its base, where labels, owners and AppArmor rules
 * already let QEMU work. A device has no such place: its overlay goes beside the VM's first image file.
 */
export function overlayDirectory(
  disk: IncludedDisk,
  disks: readonly DomainDisk[],
  configured: string | undefined,
): string {
  if (configured !== undefined) return configured;
  if (disk.source === "file") return parentOf(disk.path);
  const file = disks.find(
    (other): other is IncludedDisk => other.kind === "included" && other.source === "file",
  );
  return file === undefined ? defaultDirectory : parentOf(file.path);
}

/** The folder of a file with an absolute path. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}
