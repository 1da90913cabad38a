// One `<disk>`: whether its content can be part of a backup, and where that content is.

import type { DiskFormat, DomainDisk, SkipReason, SourceKind } from "../model/vm.ts";
import { diskFormats } from "../model/vm.ts";
import { attributeOf, childOf } from "./read-xml.ts";
import type { XmlElement } from "./xml-element.ts";
import { XmlError } from "./xml-error.ts";

/**
 * Reads a `<disk>` element.
 * @throws XmlError `unexpected-content` when it has no target, which libvirt always writes.
 */
export function readDisk(disk: XmlElement): DomainDisk {
  const target = attributeOf(childOf(disk, "target"), "dev");
  if (target === undefined || target === "")
    throw new XmlError("unexpected-content", "a disk without a target");
  const source = sourceKind(disk);
  const path =
    source === undefined ? undefined : attributeOf(childOf(disk, "source"), pathAttributes[source]);
  const format = readFormat(disk);
  const reason = skipReason(disk);
  if (reason !== undefined || source === undefined || path === undefined || format === undefined) {
    return { kind: "skipped", target, reason: reason ?? "other-source", path: describeSource(disk) };
  }
  return { kind: "included", target, source, path, format, hasMirror: childOf(disk, "mirror") !== undefined };
}

/** The attribute of `<source>` that names the image, by the disk's type. */
export const pathAttributes = { file: "file", block: "dev" } as const satisfies Record<SourceKind, string>;

/** What the disk is, before what is wrong with its source: a CD-ROM without a medium is still a CD-ROM. */
function skipReason(disk: XmlElement): SkipReason | undefined {
  const device = attributeOf(disk, "device") ?? "disk";
  if (device === "cdrom" || device === "floppy" || device === "lun") return device;
  if (childOf(disk, "readonly") !== undefined) return "read-only";
  if (childOf(disk, "shareable") !== undefined) return "shareable";
  if (childOf(disk, "transient") !== undefined) return "transient";
  if (device !== "disk") return "other-source";
  return sourceSkipReason(disk) ?? (readFormat(disk) === undefined ? "unsupported-format" : undefined);
}

function sourceSkipReason(disk: XmlElement): SkipReason | undefined {
  const type = attributeOf(disk, "type") ?? "file";
  if (type === "network") return "network-source";
  if (type === "volume") return "volume-source";
  const source = sourceKind(disk);
  if (source === undefined) return "other-source";
  const path = attributeOf(childOf(disk, "source"), pathAttributes[source]) ?? "";
  if (path === "") return "no-source";
  return path.startsWith("/") ? undefined : "other-source";
}

function sourceKind(disk: XmlElement): SourceKind | undefined {
  const type = attributeOf(disk, "type") ?? "file";
  return type === "file" || type === "block" ? type : undefined;
}

/** libvirt takes a disk whose driver names no type for raw (formatdomain: "driver", and allow_disk_format_probing). */
function readFormat(disk: XmlElement): DiskFormat | undefined {
  const type = attributeOf(childOf(disk, "driver"), "type") ?? "raw";
  return diskFormats.find((format) => format === type);
}

/** What the XML names in place of a path, for reports. */
function describeSource(disk: XmlElement): string | undefined {
  const source = childOf(disk, "source");
  const path = ["file", "dev", "dir", "path"]
    .map((name) => attributeOf(source, name))
    .find((value) => value !== undefined);
  if (path !== undefined) return path === "" ? undefined : path;
  const [protocol, name] = [attributeOf(source, "protocol"), attributeOf(source, "name")];
  if (protocol !== undefined) return name === undefined ? protocol : `${protocol}:${name}`;
  const [pool, volume] = [attributeOf(source, "pool"), attributeOf(source, "volume")];
  return pool !== undefined && volume !== undefined ? `${pool}/${volume}` : undefined;
}
