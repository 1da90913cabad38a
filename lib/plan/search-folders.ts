// Where files of ours may lie on a host.

import type { DomainDisk, VmFacts } from "../model/vm.ts";
import { defaultDirectory, parentOf } from "./overlay-directory.ts";

/**
 * The folders of all images of these VMs, where overlays go when nothing else is said; that folder where something else
 * is said; and libvirt's own. Each once. One whose name holds a control character is none: no VM with such a path is
 * ever backed up.
 */
export function searchFolders(
  vms: readonly VmFacts[],
  overlayDirectory: string | undefined,
): readonly string[] {
  const paths = vms.flatMap(({ domain, inactiveDomain, chains }) => [
    ...[...domain.disks, ...inactiveDomain.disks].flatMap(filePath),
    ...[...chains.values()].flat().flatMap(({ source, path }) => (source === "file" ? [path] : [])),
  ]);
  const folders = [defaultDirectory, ...paths.map(parentOf)];
  if (overlayDirectory !== undefined) folders.push(overlayDirectory);
  return [...new Set(folders)].filter((folder) => /^\/[^\p{Cc}]*$/u.test(folder));
}

function filePath(disk: DomainDisk): readonly string[] {
  return disk.kind === "included" && disk.source === "file" ? [disk.path] : [];
}
