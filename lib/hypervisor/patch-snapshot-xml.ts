// A snapshot's definition for a VM that runs from a backup.

import { findCopies } from "./domain-changes.ts";
import type { DomainChanges, UnpatchedPath } from "./domain-changes.ts";
import { editXml, setAttribute } from "./edit-xml.ts";
import type { XmlEdit } from "./edit-xml.ts";
import { patchDomain } from "./patch-domain.ts";
import { attributeOf, childOf, childrenOf } from "./read-xml.ts";
import { parseSnapshot } from "./snapshot-xml.ts";
import { parseXml } from "./xml-document.ts";
import type { XmlElement } from "./xml-element.ts";

export interface PatchedSnapshot {
  readonly xml: string;
  /** Disks that the VM had when the snapshot was taken and of which there is no copy. */
  readonly unpatched: readonly (UnpatchedPath & { readonly snapshot: string })[];
}

/**
 * Gives the domains inside a snapshot (`snapshot-dumpxml --security-info`) another name and UUID, and copies in place
 * of their images. The snapshot's own name must stay: qcow2 images know its content by that name only.
 * @throws XmlError when the XML, or something that is to be put into it, cannot be used.
 */
export function patchSnapshotXml(xml: string, changes: DomainChanges): PatchedSnapshot {
  const document = parseXml(xml, "domainsnapshot");
  const snapshot = parseSnapshot(xml);
  const patches = ["domain", "inactiveDomain"]
    .flatMap((name) => childrenOf(document.root, name))
    .map((domain) => patchDomain(domain, changes));
  const edits = [...patches.flatMap((patch) => patch.edits), ...patchDiskNames(document.root, changes)];
  const unpatched = patches.flatMap((patch) => patch.unpatched);
  return { xml: editXml(document, edits), unpatched: withoutDoubles(unpatched, snapshot.name) };
}

/** libvirt lets a snapshot name a disk by its path. */
function patchDiskNames(snapshot: XmlElement, changes: DomainChanges): readonly XmlEdit[] {
  return childrenOf(childOf(snapshot, "disks"), "disk").flatMap((disk) => {
    const path = attributeOf(disk, "name") ?? "";
    const [copy] = path.startsWith("/") ? findCopies(changes, { target: "", path }) : [];
    return copy === undefined ? [] : [setAttribute(disk, "name", copy.path)];
  });
}

/** The live and the inactive domain mostly name the same. */
function withoutDoubles(unpatched: readonly UnpatchedPath[], snapshot: string): PatchedSnapshot["unpatched"] {
  const byKey = new Map(unpatched.map((path) => [JSON.stringify(path), path]));
  return [...byKey.values()].map(({ target, path }) => ({ snapshot, target, path }));
}
