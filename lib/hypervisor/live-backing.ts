// What lies right under each disk's image, as the XML of a VM that runs tells it.

import { disksOf } from "./domain-xml.ts";
import { pathAttributes } from "./read-disk.ts";
import { attributeOf, childOf } from "./read-xml.ts";
import { parseXml } from "./xml-document.ts";

/**
 * Reads the backing image of each disk, by target. Disks of which the XML does not tell are not among them: one that has
 * none, and all of a VM that is shut off (formatdomain, "backingStore": written for running VMs since libvirt 1.2.4).
 * @throws XmlError when it is not a whole domain.
 */
export function liveBackingPaths(xml: string): ReadonlyMap<string, string> {
  return new Map(
    disksOf(parseXml(xml, "domain").root).flatMap((disk) => {
      const target = attributeOf(childOf(disk, "target"), "dev");
      const backing = childOf(disk, "backingStore");
      const kind = attributeOf(backing, "type") === "block" ? "block" : "file";
      const path = attributeOf(childOf(backing, "source"), pathAttributes[kind]);
      return target === undefined || path === undefined ? [] : [[target, path]];
    }),
  );
}
