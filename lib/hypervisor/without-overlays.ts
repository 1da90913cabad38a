// The definition of a VM that stands on overlays, as it was before: each disk on the image below.

import { disksOf } from "./domain-xml.ts";
import {
  editXml,
  insertBefore,
  removeAttribute,
  removeElement,
  replaceAttribute,
  setAttribute,
} from "./edit-xml.ts";
import type { XmlEdit } from "./edit-xml.ts";
import { readDisk } from "./read-disk.ts";
import { attributeOf, childOf } from "./read-xml.ts";
import { parseXml } from "./xml-document.ts";
import type { XmlElement } from "./xml-element.ts";
import type { DiskFormat, SourceKind } from "../model/vm.ts";

/** An overlay and the image below it. */
export interface OverlayOnBase {
  readonly overlayPath: string;
  readonly basePath: string;
  readonly baseFormat: DiskFormat;
  readonly baseSource: SourceKind;
}

/**
 * Puts each disk that stands on one of these overlays back onto its base; everything else stays as it is, byte for byte.
 * A chain that libvirt spelled out moves up by one.
 * @throws XmlError when the XML cannot be used.
 */
export function withoutOverlays(xml: string, overlays: readonly OverlayOnBase[]): string {
  const document = parseXml(xml, "domain");
  const edits = disksOf(document.root).flatMap((element) => {
    const disk = readDisk(element);
    const overlay = overlays.find(({ overlayPath }) => disk.kind === "included" && disk.path === overlayPath);
    return overlay === undefined ? [] : putOnBase(element, overlay);
  });
  return editXml(document, edits);
}

function putOnBase(disk: XmlElement, overlay: OverlayOnBase): readonly XmlEdit[] {
  const { basePath, baseFormat, baseSource } = overlay;
  const source = childOf(disk, "source");
  if (source === undefined) return [];
  const attribute = baseSource === "block" ? "dev" : "file";
  const other = replaceAttribute(source, attribute === "dev" ? "file" : "dev", {
    name: attribute,
    value: basePath,
  });
  const driver = childOf(disk, "driver");
  return [
    setAttribute(disk, "type", baseSource),
    ...(other.length > 0 ? other : [setAttribute(source, attribute, basePath)]),
    ...removeAttribute(source, "index"),
    driver === undefined
      ? insertBefore(source, `<driver name='qemu' type='${baseFormat}'/>`)
      : setAttribute(driver, "type", baseFormat),
    ...raiseChain(disk),
  ];
}

/** The first level of the chain is the disk itself from now on. */
function raiseChain(disk: XmlElement): readonly XmlEdit[] {
  const store = childOf(disk, "backingStore");
  if (store === undefined || childOf(store, "source") === undefined) return [];
  const below = childOf(store, "backingStore");
  if (below === undefined || attributeOf(store, "type") === undefined) return [removeElement(store)];
  return [{ start: store.start, end: store.end, text: below.source.slice(below.start, below.end) }];
}
