// Where a restored VM lies on its host. Pure.

import { dirname } from "node:path/posix";
import type { StoredVm } from "./stored-vm.ts";

/** Where libvirt itself keeps images. */
export const usualImageFolder = "/var/lib/libvirt/images";

/** The folders to be considered, best first: the one asked for, alone; else where the disks were, else libvirt's own. */
export function imageFolders(stored: StoredVm, asked: string | undefined): readonly string[] {
  if (asked !== undefined) return [asked.replace(/(?<=.)\/+$/, "")];
  const folders = stored.manifest.disks
    .filter(({ source }) => source.kind === "file" && isPlainPath(source.path))
    .map(({ source }) => dirname(source.path));
  return [...new Set([...folders, usualImageFolder])];
}

/** A name of its own for the VM's folder: what no shell, no XML and no AppArmor rule reads in another way. */
export function folderName(vmName: string): string {
  const plain = vmName.replaceAll(/[^A-Za-z0-9._-]+/g, "_").replace(/^[.-]/, "_");
  return plain.slice(0, 100);
}

/** The name of a folder until everything in it is there. guard.sh knows by it that the folder is ours. */
export function stagedPath(path: string, restoreId: string): string {
  return `${path}.virtfold-${restoreId}.restoring`;
}

/** Whether a path is absolute and as short as it can be: nothing in it leads up or nowhere. */
export function isPlainPath(path: string): boolean {
  return path.startsWith("/") && !/\/\/|\/\.\.?(?:\/|$)|[\t\n\0]/.test(path);
}
