// One `<disk>` made to use copies.

import type { LayerCopy, UnpatchedPath } from "./domain-changes.ts";
import { insertBefore, removeAttribute, removeElement, replaceAttribute, setAttribute } from "./edit-xml.ts";
import type { XmlEdit } from "./edit-xml.ts";
import { attributeOf, childOf, childrenOf } from "./read-xml.ts";
import type { XmlElement } from "./xml-element.ts";

/** Edits, and what they leave pointing at the old host. */
export interface Patch {
  readonly edits: readonly XmlEdit[];
  readonly unpatched: readonly UnpatchedPath[];
}

/**
 * Edits that make a disk use these copies, its own image's first; they are regular files, whatever the images were, but
 * for those that are said to be devices.
 *
 * A backing chain that the XML spells out stays spelled out, with the copies in it: libvirt then uses that chain and
 * no other, and `<backingStore/>` says that there is none. Where it says nothing, libvirt asks the images.
 */
export function patchDisk(
  disk: XmlElement,
  target: string,
  copies: readonly [LayerCopy, ...LayerCopy[]],
): Patch {
  const [own, ...below] = copies;
  const edits = [...retype(disk, own), ...patchSource(disk, own), ...patchDriver(disk, own.format)];
  const unpatched: UnpatchedPath[] = [];
  backingStoresOf(disk).forEach((store, depth) => {
    const path = pathOf(store);
    const copy = below.find(({ oldPath }) => oldPath === path) ?? below[depth];
    if (copy === undefined) unpatched.push({ target, path: path ?? "" });
    else edits.push(...retype(store, copy), ...patchSource(store, copy), ...patchFormat(store, copy.format));
  });
  return { edits, unpatched };
}

/** The levels of the chain that the XML spells out, without the `<backingStore/>` that may end it. */
function backingStoresOf(disk: XmlElement): readonly XmlElement[] {
  const stores: XmlElement[] = [];
  let store = childOf(disk, "backingStore");
  while (store !== undefined && childOf(store, "source") !== undefined) {
    stores.push(store);
    store = childOf(store, "backingStore");
  }
  return stores;
}

function retype(element: XmlElement, copy: LayerCopy): readonly XmlEdit[] {
  if (isAsItWas(element, copy)) return [];
  const [type, wanted] = [attributeOf(element, "type") ?? "file", copy.isDevice === true ? "block" : "file"];
  return type === wanted ? [] : [setAttribute(element, "type", wanted)];
}

/** A device may have been named as if it were a file. */
function isAsItWas(element: XmlElement, { isDevice, path }: LayerCopy): boolean {
  return isDevice === true && pathOf(element) === path;
}

/**
 * What binds a source to the old image goes: its number in a running QEMU, a group of open files, reservations on a
 * device, and security labels, which tell whose that one file is. libvirt labels the copy as it labels any file.
 */
function patchSource(parent: XmlElement, copy: LayerCopy): readonly XmlEdit[] {
  const source = childOf(parent, "source");
  if (source === undefined || isAsItWas(parent, copy)) return [];
  const [name, other] = copy.isDevice === true ? (["dev", "file"] as const) : (["file", "dev"] as const);
  const renamed = replaceAttribute(source, other, { name, value: copy.path });
  return [
    ...(renamed.length > 0 ? renamed : [setAttribute(source, name, copy.path)]),
    ...["index", "fdgroup"].flatMap((name) => removeAttribute(source, name)),
    ...["seclabel", "reservations"].flatMap((name) => childrenOf(source, name).map(removeElement)),
    ...removeAttribute(parent, "index"),
  ];
}

function patchDriver(disk: XmlElement, format: string): readonly XmlEdit[] {
  const driver = childOf(disk, "driver");
  if ((attributeOf(driver, "type") ?? "raw") === format) return [];
  if (driver !== undefined) return [setAttribute(driver, "type", format)];
  const source = childOf(disk, "source");
  return source === undefined ? [] : [insertBefore(source, `<driver name='qemu' type='${format}'/>`)];
}

function patchFormat(store: XmlElement, format: string): readonly XmlEdit[] {
  const element = childOf(store, "format");
  if (element !== undefined) {
    return attributeOf(element, "type") === format ? [] : [setAttribute(element, "type", format)];
  }
  const source = childOf(store, "source");
  return source === undefined ? [] : [insertBefore(source, `<format type='${format}'/>`)];
}

function pathOf(store: XmlElement): string | undefined {
  const source = childOf(store, "source");
  return attributeOf(source, "file") ?? attributeOf(source, "dev");
}
