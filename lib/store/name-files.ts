// Names of the files inside one backup. Pure.

import path from "node:path";
import type { BootFileRole } from "../model/plan.ts";
import type { DiskFormat } from "../model/vm.ts";
import { encodeName } from "./encode-name.ts";
import { checksumsName, logName, manifestName, originalXmlName } from "./layout.ts";

/** What a backup holds, as far as its files' names depend on it. */
export interface FilesToName {
  /** The formats of each disk's layers, the disk's own image first. */
  readonly disks: readonly { readonly target: string; readonly formats: readonly DiskFormat[] }[];
  readonly newName: string;
  readonly snapshots: readonly string[];
  readonly bootFiles: readonly { readonly role: BootFileRole; readonly path: string }[];
}

/** Paths inside the backup's folder, in the order of what they were made for. */
export interface FileNames {
  readonly disks: readonly (readonly string[])[];
  readonly originalXml: string;
  readonly patchedXml: string;
  readonly snapshots: readonly string[];
  readonly bootFiles: readonly string[];
}

/**
 * Names every file of a backup: `vda.qcow2`, `vda.backing1.raw`, `snapshots/before update.xml`, `nvram/vars.fd`.
 *
 * Names differ even where a file system ignores case or the way an umlaut is composed: of two that would be the
 * same there, the later one gets `~2`, `~3`, … The same input gives the same names.
 */
export function nameFiles(files: FilesToName): FileNames {
  const taken = new Set([manifestName, checksumsName, logName, originalXmlName].map(foldCase));
  const take = (folder: string, stem: string, ending: string): string =>
    takeName(taken, { folder, stem, ending });
  return {
    disks: files.disks.map(({ target, formats }) =>
      formats.map((format, depth) => take("", diskStem(target, depth), `.${format}`)),
    ),
    originalXml: originalXmlName,
    patchedXml: take("", stemOf(files.newName), ".xml"),
    snapshots: files.snapshots.map((name) => take("snapshots/", stemOf(name), ".xml")),
    bootFiles: files.bootFiles.map((file) =>
      take(bootFolder(file.role), stemOf(path.posix.basename(file.path)), ""),
    ),
  };
}

/** Room that a stem leaves for `.xml` and for a suffix such as `~12345`. */
const stemBytes = 240;

function stemOf(name: string): string {
  return encodeName(name, stemBytes);
}

function diskStem(target: string, depth: number): string {
  const plain = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,31}$/.test(target) ? target : encodeName(target, 64);
  return depth === 0 ? plain : `${plain}.backing${depth}`;
}

function bootFolder(role: BootFileRole): string {
  return role === "nvram" || role === "tpm" ? `${role}/` : "boot/";
}

function takeName(taken: Set<string>, name: { folder: string; stem: string; ending: string }): string {
  for (let count = 1; ; count += 1) {
    const suffix = count === 1 ? "" : `~${count}`;
    const candidate = `${name.folder}${name.stem}${suffix}${name.ending}`;
    const key = foldCase(candidate);
    if (taken.has(key)) continue;
    taken.add(key);
    return candidate;
  }
}

/** Coarser than any file system's own folding: a suffix too many costs nothing. */
export function foldCase(name: string): string {
  return name.normalize("NFKD").toUpperCase().toLowerCase().normalize("NFKD");
}
