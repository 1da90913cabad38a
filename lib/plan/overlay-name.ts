// Names of the overlays we make on hosts: recognised even without a journal.

const pattern = /\.virtfold-(\d{8}-\d{6}-[0-9a-f]{6})\.qcow2$/;
const clonePattern = /\.virtfold-(\d{8}-\d{6}-[0-9a-f]{6})\.clone$/;

/**
 * File name of the overlay of one disk. ASCII without any character that XML or a shell would change, so that
 * guard.sh finds it in libvirt's XML as plain text. It ends like an image: AppArmor's profile for VMs demands that
 * (reference: libvirt's virt-aa-helper accepts known image extensions only).
 */
export function overlayName(target: string, backupId: string): string {
  return `${target.replaceAll(/[^A-Za-z0-9]/g, "_")}.virtfold-${backupId}.qcow2`;
}

/**
 * Name of the snapshot itself. A disk that it does not list, because it was plugged in a moment ago, gets an overlay that
 * libvirt names after disk and snapshot (`data.<snapshot>`, virDomainSnapshotAlignDisks): one of ours then, which whoever
 * cleans up knows as such.
 */
export function snapshotName(backupId: string): string {
  return `virtfold-${backupId}.qcow2`;
}

/** The backup an overlay belongs to; undefined when the path is not one of our overlays. */
export function overlayOwner(path: string): string | undefined {
  return pattern.exec(path)?.[1];
}

/** The backup that an overlay or a copy made to be read from belongs to; undefined when it is neither. */
export function fileOwner(path: string): string | undefined {
  return overlayOwner(path) ?? clonePattern.exec(path)?.[1];
}
