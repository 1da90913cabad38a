// Disks of which a backup has no copy: a restored VM must not write to those of the original.

import { disksOf } from "./domain-xml.ts";
import { removeElement, type XmlEdit } from "./edit-xml.ts";
import { readDisk } from "./read-disk.ts";
import { childOf, childrenOf } from "./read-xml.ts";
import type { XmlElement } from "./xml-element.ts";
import type { DomainDisk } from "../model/vm.ts";

/** Stays as it is; stays without its medium; goes. */
export type DiskFate = "keep" | "eject" | "drop";

/** Edits for the disks of one domain element. */
export function detachDisks(
  domain: XmlElement,
  diskFate: (disk: DomainDisk) => DiskFate,
): readonly XmlEdit[] {
  return disksOf(domain).flatMap((element) => {
    const fate = diskFate(readDisk(element));
    if (fate === "keep") return [];
    return fate === "drop" ? [removeElement(element)] : ejectMedium(element);
  });
}

function ejectMedium(disk: XmlElement): readonly XmlEdit[] {
  const backing = childOf(disk, "backingStore");
  return [...childrenOf(disk, "source").map(removeElement), ...(backing ? [removeElement(backing)] : [])];
}
