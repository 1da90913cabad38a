// Whom libvirt runs QEMU as, from `virsh capabilities`.

import { attributeOf, childOf, childrenOf, textOf } from "./read-xml.ts";
import { parseXml } from "./xml-document.ts";

/** `UID:GID` for VMs of this kind (`kvm`, `qemu`); undefined where libvirt does not say. @throws XmlError. */
export function qemuOwner(xml: string, virtType: string): string | undefined {
  const host = childOf(parseXml(xml, "capabilities").root, "host");
  const dac = childrenOf(host, "secmodel").find((one) => textOf(childOf(one, "model")) === "dac");
  const labels = childrenOf(dac, "baselabel");
  const label = labels.find((one) => attributeOf(one, "type") === virtType) ?? labels[0];
  const [, uid, gid] = /^\+(\d{1,10}):\+(\d{1,10})$/.exec(textOf(label)?.trim() ?? "") ?? [];
  return uid === undefined || gid === undefined ? undefined : `${uid}:${gid}`;
}
