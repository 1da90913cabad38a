// What a domain's XML says about the VM, as far as a backup needs it.

import type { Domain } from "../model/vm.ts";
import { readDisk } from "./read-disk.ts";
import { attributeOf, childOf, childrenOf, textOf } from "./read-xml.ts";
import { readTpm } from "./read-tpm.ts";
import { parseXml } from "./xml-document.ts";
import type { XmlElement } from "./xml-element.ts";
import { XmlError } from "./xml-error.ts";

/**
 * Reads `dumpxml`, of the live definition or the inactive one.
 * @throws XmlError when it is not a whole domain with name, UUID and disk targets.
 */
export function parseDomain(xml: string): Domain {
  const { root } = parseXml(xml, "domain");
  const agent = findAgentChannel(root);
  const state = attributeOf(agent, "state");
  return {
    name: required(root, "name"),
    uuid: required(root, "uuid"),
    disks: disksOf(root).map(readDisk),
    nvramPath: readNvramPath(root),
    hasNetworkNvram: attributeOf(childOf(root, "os", "nvram"), "type") === "network",
    kernelPath: filled(textOf(childOf(root, "os", "kernel"))),
    initrdPath: filled(textOf(childOf(root, "os", "initrd"))),
    dtbPath: filled(textOf(childOf(root, "os", "dtb"))),
    tpm: readTpm(root),
    hasAgentChannel: agent !== undefined,
    agentConnected: state === undefined ? undefined : state === "connected",
  };
}

/** The `<disk>` elements of a domain's devices; those that metadata may hold are not among them. */
export function disksOf(domain: XmlElement): readonly XmlElement[] {
  return childrenOf(childOf(domain, "devices"), "disk");
}

/** The variable store's path, in the form `<nvram>path</nvram>` or, since libvirt 8.5, with a `<source>`. */
function readNvramPath(domain: XmlElement): string | undefined {
  const nvram = childOf(domain, "os", "nvram");
  const source = childOf(nvram, "source");
  return source === undefined
    ? filled(textOf(nvram))
    : filled(attributeOf(source, "file") ?? attributeOf(source, "dev"));
}

/** The guest's end of the channel; while the VM runs, its `state` tells whether an agent listens there. */
function findAgentChannel(domain: XmlElement): XmlElement | undefined {
  return childrenOf(childOf(domain, "devices"), "channel")
    .flatMap((channel) => childrenOf(channel, "target"))
    .find((target) => attributeOf(target, "name") === "org.qemu.guest_agent.0");
}

function required(domain: XmlElement, name: string): string {
  const text = filled(textOf(childOf(domain, name)));
  if (text === undefined) throw new XmlError("unexpected-content", `a domain without <${name}>`);
  return text;
}

function filled(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
