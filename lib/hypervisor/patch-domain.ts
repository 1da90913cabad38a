// A `<domain>` element, on its own or inside a snapshot, made to be another VM that uses copies.

import type { BootFileRole } from "../model/plan.ts";
import { findCopies } from "./domain-changes.ts";
import type { DomainChanges, UnpatchedPath } from "./domain-changes.ts";
import { disksOf } from "./domain-xml.ts";
import { insertAfter, removeAttribute, removeElement, setText } from "./edit-xml.ts";
import type { XmlEdit } from "./edit-xml.ts";
import { patchDisk } from "./patch-disk.ts";
import type { Patch } from "./patch-disk.ts";
import { readDisk } from "./read-disk.ts";
import { attributeOf, childOf, childrenOf, textOf } from "./read-xml.ts";
import type { XmlElement } from "./xml-element.ts";

/**
 * Edits for one domain element. Disks that a backup leaves out (CD-ROMs, shared disks and so on) stay as they are.
 * @throws XmlError `unencodable-character` for names and paths that XML cannot hold.
 */
export function patchDomain(domain: XmlElement, changes: DomainChanges): Patch {
  const parts = [
    { edits: patchIdentity(domain, changes), unpatched: [] },
    ...disksOf(domain).map((disk) => patchAnyDisk(disk, changes)),
    ...(["kernel", "initrd", "dtb"] as const).map((role) => patchBootFile(domain, role, changes)),
    { edits: patchNvram(domain, changes.bootFiles.nvram), unpatched: [] },
    { edits: patchTpm(domain), unpatched: [] },
  ];
  return {
    edits: parts.flatMap(({ edits }) => edits),
    unpatched: parts.flatMap(({ unpatched }): readonly UnpatchedPath[] => unpatched),
  };
}

function patchIdentity(domain: XmlElement, { name, uuid }: DomainChanges): readonly XmlEdit[] {
  const nameElement = childOf(domain, "name");
  const uuidElement = childOf(domain, "uuid");
  return [
    ...(nameElement === undefined ? [] : [setText(nameElement, name)]),
    ...(uuidElement === undefined ? [] : [setText(uuidElement, uuid)]),
    ...(uuidElement === undefined && nameElement !== undefined
      ? [insertAfter(nameElement, `<uuid>${uuid}</uuid>`)]
      : []),
    // libvirt refuses a definition whose SMBIOS table names another UUID than its own (sysinfo "UUID mismatch").
    ...childrenOf(domain, "sysinfo")
      .flatMap((sysinfo) => childrenOf(childOf(sysinfo, "system"), "entry"))
      .filter((entry) => attributeOf(entry, "name") === "uuid")
      .map((entry) => setText(entry, uuid)),
  ];
}

function patchAnyDisk(element: XmlElement, changes: DomainChanges): Patch {
  const disk = readDisk(element);
  if (disk.kind === "skipped") return { edits: [], unpatched: [] };
  const [own, ...below] = findCopies(changes, disk);
  if (own === undefined) return { edits: [], unpatched: [{ target: disk.target, path: disk.path }] };
  return patchDisk(element, disk.target, [own, ...below]);
}

function patchBootFile(domain: XmlElement, role: BootFileRole, { bootFiles }: DomainChanges): Patch {
  const element = childOf(domain, "os", role);
  const oldPath = textOf(element) ?? "";
  if (element === undefined || oldPath === "") return { edits: [], unpatched: [] };
  const path = bootFiles[role];
  if (path === undefined) return { edits: [], unpatched: [{ target: role, path: oldPath }] };
  return { edits: [setText(element, path)], unpatched: [] };
}

/**
 * Two VMs must never write to one variable store. Without a copy (a VM that never ran has no store yet) the path goes,
 * and libvirt makes a new store from its template, named after the new VM.
 */
function patchNvram(domain: XmlElement, path: string | undefined): readonly XmlEdit[] {
  const nvram = childOf(domain, "os", "nvram");
  const isEmpty = nvram === undefined || (childOf(nvram, "source") === undefined && textOf(nvram) === "");
  if (nvram === undefined || (isEmpty && path === undefined)) return [];
  // `type` belongs to the form with a <source>; the short form is understood by every libvirt.
  return [...removeAttribute(nvram, "type"), setText(nvram, path ?? "")];
}

/** Likewise the state of a TPM: without a place of its own it is where libvirt looks for it by the VM's UUID. */
function patchTpm(domain: XmlElement): readonly XmlEdit[] {
  return childrenOf(childOf(domain, "devices"), "tpm")
    .map((tpm) => childOf(tpm, "backend"))
    .filter((backend) => attributeOf(backend, "type") === "emulator")
    .flatMap((backend) => childrenOf(backend, "source").map(removeElement));
}
