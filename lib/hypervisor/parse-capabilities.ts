// What `virsh capabilities` says of the host.

import { childOf, childrenOf, textOf } from "./read-xml.ts";
import { parseXml } from "./xml-document.ts";

/** Names of the security models that libvirt keeps VMs apart with. @throws XmlError. */
export function parseSecurityModels(xml: string): readonly string[] {
  const host = childOf(parseXml(xml, "capabilities").root, "host");
  const models = childrenOf(host, "secmodel").map((one) => textOf(childOf(one, "model")) ?? "");
  return models.filter((model) => /^[a-z0-9_-]{1,40}$/.test(model) && model !== "none");
}
