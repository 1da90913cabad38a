// Every image that a domain's XML names, whatever for.

import { disksOf } from "./domain-xml.ts";
import { attributeOf, descendantsOf } from "./read-xml.ts";
import { parseXml } from "./xml-document.ts";

/**
 * Paths of all files and devices that disks name, each once: read-only, shareable and removable ones, backing chains
 * and mirrors too. For telling which VMs share an image.
 * @throws XmlError as parseDomain does.
 */
export function diskSources(xml: string): readonly string[] {
  const sources = disksOf(parseXml(xml, "domain").root)
    .flatMap((disk) => [...descendantsOf(disk)])
    .filter(({ name }) => name === "source")
    .flatMap((source) => [attributeOf(source, "file"), attributeOf(source, "dev")]);
  return [...new Set(sources.filter((path) => path !== undefined && path !== ""))] as string[];
}
