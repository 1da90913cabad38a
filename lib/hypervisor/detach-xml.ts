// Definitions and snapshots of a VM that is restored beside its original.

import { detachDomain, type Detachment } from "./detach-domain.ts";
import { disksOf } from "./domain-xml.ts";
import { editXml, removeElement } from "./edit-xml.ts";
import { readDisk } from "./read-disk.ts";
import { attributeOf, childOf, childrenOf } from "./read-xml.ts";
import { parseXml } from "./xml-document.ts";

/** A domain made harmless to the one it was copied from. @throws XmlError when it cannot be used. */
export function detachDomainXml(xml: string, detachment: Detachment): string {
  const document = parseXml(xml, "domain");
  return editXml(document, detachDomain(document.root, detachment));
}

/** The domains inside a snapshot likewise; a disk that they no longer have is none of the snapshot's. */
export function detachSnapshotXml(xml: string, detachment: Detachment): string {
  const document = parseXml(xml, "domainsnapshot");
  const domains = ["domain", "inactiveDomain"].flatMap((name) => childrenOf(document.root, name));
  const dropped = new Set(
    domains
      .flatMap((domain) => disksOf(domain).map(readDisk))
      .filter((disk) => detachment.diskFate(disk) === "drop")
      .map(({ target }) => target),
  );
  const rows = childrenOf(childOf(document.root, "disks"), "disk");
  return editXml(document, [
    ...domains.flatMap((domain) => detachDomain(domain, detachment)),
    ...rows.filter((row) => dropped.has(attributeOf(row, "name") ?? "")).map(removeElement),
  ]);
}
