// Where files of ours may lie on a host.

import type { DomainDisk, VmFacts } from "../model/vm.ts";
import { defaultDirectory, parentOf, type OverlayDirectoryOf } from "./overlay-directory.ts";

/**
 * The folders of all images of these VMs, where overlays go when nothing else is said; those folders where something else
 * is said, of the host or of single VMs; and libvirt's own. Each once. One whose name holds a control character is none: no VM with such a path is
 * ever backed up.
 */
export function searchFolders(
  vms: readonly VmFacts[],
  overlayDirectoryOf: OverlayDirectoryOf,
): readonly string[] {
  const paths = vms.flatMap(({ domain, inactiveDomain, chains }) => [
    ...[...domain.disks, ...inactiveDomain.disks].flatMap(filePath),
    ...[...chains.values()].flat().flatMap(({ source, path }) => (source === "file" ? [path] : [])),
  ]);
  const configured = [overlayDirectoryOf(), ...vms.map(({ name }) => overlayDirectoryOf(name))];
  const folders = [
    defaultDirectory,
    ...paths.map(parentOf),
    ...configured.filter((one) => one !== undefined),
  ];
  return [...new Set(folders)].filter((folder) => /^\/[^\p{Cc}]*$/u.test(folder));
}

function filePath(disk: DomainDisk): readonly string[] {
  return disk.kind === "included" && disk.source === "file" ? [disk.path] : [];
}
