// Network cards of a VM that is restored: own addresses, and plugged in where they shall be.

import { insertAfter, removeAttribute, removeElement, setAttribute, type XmlEdit } from "./edit-xml.ts";
import { attributeOf, childOf, childrenOf } from "./read-xml.ts";
import type { XmlElement } from "./xml-element.ts";
import { XmlError } from "./xml-error.ts";
import { encodeXml } from "./xml-references.ts";

/** What a network card is plugged into: a network of libvirt, or a bridge or card of the host. */
export interface Plug {
  readonly kind: "network" | "bridge";
  readonly name: string;
}

export interface InterfaceChanges {
  /** The address that takes the place of one; the same for the same, so that snapshots agree with the VM. */
  readonly mac: (address: string) => string;
  /** Stays; stays with its cable pulled; goes into this network. */
  readonly plug: "keep" | "detach" | { readonly network: string };
  /** Whether the host has what a card that stays is plugged into. */
  readonly isThere: (plug: Plug) => boolean;
}

/** Edits for the network cards among a domain's devices. */
export function detachInterfaces(
  devices: XmlElement | undefined,
  changes: InterfaceChanges,
): readonly XmlEdit[] {
  return childrenOf(devices, "interface").flatMap((card) => detachInterface(card, changes));
}

/** What a card is plugged into; undefined for kinds that need nothing of the host by name. */
export function plugOf(card: XmlElement): Plug | undefined {
  const source = childOf(card, "source");
  const type = attributeOf(card, "type");
  const network = attributeOf(source, "network");
  if (type === "network" && network !== undefined) return { kind: "network", name: network };
  const device = attributeOf(source, "bridge") ?? attributeOf(source, "dev");
  const isDevice = type === "bridge" || type === "direct";
  return isDevice && device !== undefined ? { kind: "bridge", name: device } : undefined;
}

function detachInterface(card: XmlElement, { mac, plug, isThere }: InterfaceChanges): readonly XmlEdit[] {
  // A card of the host itself, which only one VM can have.
  if (attributeOf(card, "type") === "hostdev" && plug === "keep") return [removeElement(card)];
  const macElement = childOf(card, "mac");
  const address = attributeOf(macElement, "address");
  const newMac =
    macElement === undefined || address === undefined
      ? []
      : [setAttribute(macElement, "address", mac(address))];
  if (plug === "keep") return [...newMac, ...ownDeviceName(card)];
  if (plug !== "detach") return [...newMac, ...plugInto(card, plug.network)];
  const where = plugOf(card);
  return [...newMac, ...pullCable(card), ...(where && isThere(where) ? ownDeviceName(card) : unplug(card))];
}

/** A name that somebody gave the device on the host can be had by one VM only. */
function ownDeviceName(card: XmlElement): readonly XmlEdit[] {
  return childrenOf(card, "target")
    .filter((target) => attributeOf(target, "managed") !== "no")
    .flatMap((target) =>
      target.attributes.length > 1 ? removeAttribute(target, "dev") : [removeElement(target)],
    );
}

function pullCable(card: XmlElement): readonly XmlEdit[] {
  const link = childOf(card, "link");
  if (link !== undefined) return [setAttribute(link, "state", "down")];
  const first = card.children[0];
  return first === undefined ? [] : [insertAfter(first, "<link state='down'/>")];
}

/** The guest keeps its card; it stands in a network of its own, of which its pulled cable shows it nothing. */
function unplug(card: XmlElement): readonly XmlEdit[] {
  return [setAttribute(card, "type", "user"), ...bareCard(card).map(removeElement)];
}

function plugInto(card: XmlElement, network: string): readonly XmlEdit[] {
  const source = `<source network='${encodeXml(network)}'/>`;
  const bare = bareCard(card);
  const anchor = card.children.find((child) => !bare.includes(child));
  if (anchor === undefined)
    throw new XmlError("unexpected-content", "a network card that is nothing but its cable");
  const edits = [setAttribute(card, "type", "network"), insertAfter(anchor, source)];
  return [...edits, ...bare.map(removeElement)];
}

/** What belongs to the way a card was plugged in. */
function bareCard(card: XmlElement): readonly XmlElement[] {
  const names = [
    "source",
    "virtualport",
    "vlan",
    "script",
    "target",
    "backend",
    "ip",
    "route",
    "portForward",
  ];
  const isHostDevice = attributeOf(card, "type") === "hostdev";
  return card.children.filter(({ name }) => [...names, ...(isHostDevice ? ["driver"] : [])].includes(name));
}
