// The definition of a VM that runs from a backup, beside the one it was made from.

import type { DomainChanges, UnpatchedPath } from "./domain-changes.ts";
import { parseDomain } from "./domain-xml.ts";
import { editXml } from "./edit-xml.ts";
import { patchDomain } from "./patch-domain.ts";
import { parseXml } from "./xml-document.ts";

export interface PatchedDomain {
  readonly xml: string;
  /** Not empty when the VM has disks or boot files of which no copy was given. */
  readonly unpatched: readonly UnpatchedPath[];
}

/**
 * Gives a domain (`dumpxml --inactive --security-info`) another name and UUID, and copies in place of its images.
 * Everything else is the same, byte for byte.
 * @throws XmlError when the XML, or something that is to be put into it, cannot be used.
 */
export function patchDomainXml(xml: string, changes: DomainChanges): PatchedDomain {
  const document = parseXml(xml, "domain");
  const { edits, unpatched } = patchDomain(document.root, changes);
  const patched = editXml(document, edits);
  checkPatched(patched, changes);
  return { xml: patched, unpatched };
}

/** A patch that reads otherwise than intended is a bug, and must not become the definition of a VM. */
function checkPatched(xml: string, changes: DomainChanges): void {
  const domain = parseDomain(xml);
  const isNamed = domain.name === changes.name && domain.uuid === changes.uuid;
  const oldPaths = new Set(changes.disks.flatMap(({ layers }) => layers.map(({ oldPath }) => oldPath)));
  const copies = new Set(changes.disks.flatMap(({ layers }) => layers.map(({ path }) => path)));
  const stray = domain.disks.find(
    (disk) => disk.kind === "included" && oldPaths.has(disk.path) && !copies.has(disk.path),
  );
  if (!isNamed || stray !== undefined)
    throw new Error(`The patched domain is not what was asked for: ${stray?.target ?? "name or UUID"}`);
}
