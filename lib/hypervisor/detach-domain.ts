// A `<domain>` that was made to use copies, made harmless to the VM it was copied from: both may run at once.

import { removeAttribute, removeElement, setAttribute, setText, type XmlEdit } from "./edit-xml.ts";
import { detachCharacterDevices } from "./detach-character-devices.ts";
import { detachDisks, type DiskFate } from "./detach-disks.ts";
import { detachInterfaces, type InterfaceChanges } from "./detach-interfaces.ts";
import { attributeOf, childOf, childrenOf, textOf } from "./read-xml.ts";
import type { XmlElement } from "./xml-element.ts";
import type { DomainDisk } from "../model/vm.ts";

/** What takes the place of what only one VM can have, or what its host does not have. */
export interface Detachment {
  readonly interfaces: InterfaceChanges;
  /** The file that takes the place of one that a serial line or the like is written to. */
  readonly logPath: (path: string) => string;
  readonly diskFate: (disk: DomainDisk) => DiskFate;
  /** Folders of the host that a guest may share; others go. */
  readonly keepsFolder: (path: string) => boolean;
  readonly generationId: string;
  /** Whether the VM is to be what it was: what only one VM can have it has then, and of devices of the host as many as `isSameHost`. */
  readonly original?: { readonly isSameHost: boolean } | undefined;
}

/** Edits for one domain element. */
export function detachDomain(domain: XmlElement, detachment: Detachment): readonly XmlEdit[] {
  const devices = childOf(domain, "devices");
  const { original, interfaces } = detachment;
  const isAsItWas = original?.isSameHost === true && interfaces.plug === "keep";
  return [
    ...(isAsItWas ? [] : detachInterfaces(devices, interfaces)),
    ...(original === undefined ? detachCharacterDevices(devices, detachment.logPath) : []),
    ...detachDisks(domain, detachment.diskFate),
    ...(original === undefined ? childrenOf(devices, "graphics").flatMap(freeGraphics) : []),
    // A device of the host: on another host the same address is another device.
    ...(original?.isSameHost === true ? [] : childrenOf(devices, "hostdev").map(removeElement)),
    ...(original?.isSameHost === true ? [] : foreignTpms(devices).map(removeElement)),
    ...childrenOf(devices, "filesystem")
      .filter((share) => !detachment.keepsFolder(sharedFolder(share) ?? ""))
      .map(removeElement),
    ...(original === undefined ? childrenOf(devices, "vsock").flatMap(freeContext) : []),
    ...childrenOf(domain, "genid")
      .filter((generation) => textOf(generation) !== "")
      .map((generation) => setText(generation, detachment.generationId)),
  ];
}

/** TPMs that are the host's own, or another program's: no two VMs can use one. */
export function foreignTpms(devices: XmlElement | undefined): readonly XmlElement[] {
  return childrenOf(devices, "tpm").filter(
    (tpm) => attributeOf(childOf(tpm, "backend"), "type") !== "emulator",
  );
}

/** The folder of the host that a guest shares; undefined for other kinds of file systems. */
export function sharedFolder(share: XmlElement): string | undefined {
  return attributeOf(childOf(share, "source"), "dir");
}

/** Ports and sockets are for libvirt to choose. */
function freeGraphics(graphics: XmlElement): readonly XmlEdit[] {
  const hasPort = ["port", "tlsPort", "websocket"].some((name) => attributeOf(graphics, name) !== undefined);
  const sockets = childrenOf(graphics, "listen").flatMap((listen) => removeAttribute(listen, "socket"));
  if (!hasPort) return [...sockets, ...removeAttribute(graphics, "socket")];
  return [
    setAttribute(graphics, "port", "-1"),
    setAttribute(graphics, "autoport", "yes"),
    ...["tlsPort", "socket"].flatMap((name) => removeAttribute(graphics, name)),
    ...(attributeOf(graphics, "websocket") === undefined ? [] : [setAttribute(graphics, "websocket", "-1")]),
    ...sockets,
  ];
}

function freeContext(vsock: XmlElement): readonly XmlEdit[] {
  const context = childOf(vsock, "cid");
  if (context === undefined || attributeOf(context, "auto") === "yes") return [];
  return [setAttribute(context, "auto", "yes"), ...removeAttribute(context, "address")];
}
