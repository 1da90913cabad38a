// What a snapshot's XML says about it.

import type { VmSnapshot } from "../model/vm.ts";
import { disksOf } from "./domain-xml.ts";
import { pathAttributes } from "./read-disk.ts";
import { attributeOf, childOf, childrenOf, textOf } from "./read-xml.ts";
import { parseXml } from "./xml-document.ts";
import type { XmlElement } from "./xml-element.ts";
import { XmlError } from "./xml-error.ts";

/**
 * Reads `snapshot-dumpxml`.
 * @throws XmlError when it is not a whole snapshot with a name.
 */
export function parseSnapshot(xml: string): VmSnapshot {
  const { root } = parseXml(xml, "domainsnapshot");
  const name = textOf(childOf(root, "name")) ?? "";
  if (name === "") throw new XmlError("unexpected-content", "a snapshot without <name>");
  const state = textOf(childOf(root, "state")) ?? "";
  return {
    name,
    parent: textOf(childOf(root, "parent", "name")),
    location: readLocation(root, state),
    state,
    xml,
    internalTargets: readInternalTargets(root),
  };
}

/** As virsh's own snapshot-info tells it: by where memory and disks are kept. */
function readLocation(snapshot: XmlElement, state: string): VmSnapshot["location"] {
  const parts = [childOf(snapshot, "memory"), ...childrenOf(childOf(snapshot, "disks"), "disk")];
  const places = new Set(parts.map((part) => attributeOf(part, "snapshot")));
  const isExternal = places.has("external") || places.has("manual");
  if (isExternal) return places.has("internal") ? "mixed" : "external";
  return state === "disk-snapshot" && !places.has("internal") ? "external" : "internal";
}

function readInternalTargets(snapshot: XmlElement): readonly string[] {
  const targets = targetsByPath(snapshot);
  return childrenOf(childOf(snapshot, "disks"), "disk")
    .filter((disk) => attributeOf(disk, "snapshot") === "internal")
    .flatMap((disk) => attributeOf(disk, "name") ?? [])
    .map((name) => targets.get(name) ?? name);
}

/** A snapshot may name a disk by its target or by its path. */
function targetsByPath(snapshot: XmlElement): ReadonlyMap<string, string> {
  const disks = snapshot.children
    .filter(({ name }) => name === "domain" || name === "inactiveDomain")
    .flatMap((domain) => disksOf(domain));
  return new Map(
    disks.flatMap((disk) => {
      const target = attributeOf(childOf(disk, "target"), "dev");
      const source = childOf(disk, "source");
      const path = attributeOf(source, pathAttributes.file) ?? attributeOf(source, pathAttributes.block);
      return target === undefined || path === undefined ? [] : [[path, target] as const];
    }),
  );
}
