// What a domain needs of the host it is defined on.

import { foreignTpms, sharedFolder } from "./detach-domain.ts";
import { plugOf, type Plug } from "./detach-interfaces.ts";
import { attributeOf, childOf, childrenOf, textOf } from "./read-xml.ts";
import { parseXml } from "./xml-document.ts";

/** What must be there, besides images. */
export interface HostNeeds {
  /** Each as `virsh domcapabilities` takes it; undefined where the definition does not say. */
  readonly machine: {
    readonly virtType: string | undefined;
    readonly emulator: string | undefined;
    readonly arch: string | undefined;
    readonly machine: string | undefined;
  };
  /** The model that a CPU of a fixed model has. */
  readonly cpuModel: string | undefined;
  readonly firmwarePath: string | undefined;
  readonly plugs: readonly Plug[];
  readonly sharedFolders: readonly string[];
  readonly hostDevices: number;
  readonly hasQemuArguments: boolean;
}

/** Reads a definition. @throws XmlError when it is no domain. */
export function hostNeeds(xml: string): HostNeeds {
  const { root } = parseXml(xml, "domain");
  const devices = childOf(root, "devices");
  const type = childOf(root, "os", "type");
  const cpu = childOf(root, "cpu");
  const cards = childrenOf(devices, "interface");
  const passedCards = cards.filter((card) => attributeOf(card, "type") === "hostdev").length;
  return {
    machine: {
      virtType: attributeOf(root, "type"),
      emulator: filled(textOf(childOf(devices, "emulator"))),
      arch: attributeOf(type, "arch"),
      machine: attributeOf(type, "machine"),
    },
    cpuModel: attributeOf(cpu, "mode") === "custom" ? filled(textOf(childOf(cpu, "model"))) : undefined,
    firmwarePath: filled(textOf(childOf(root, "os", "loader"))),
    plugs: cards.flatMap((card) => plugOf(card) ?? []),
    sharedFolders: childrenOf(devices, "filesystem").flatMap((share) => sharedFolder(share) ?? []),
    hostDevices: childrenOf(devices, "hostdev").length + passedCards + foreignTpms(devices).length,
    hasQemuArguments: root.children.some(({ name }) => name === "qemu:commandline"),
  };
}

/** Names of the CPU models in what `virsh domcapabilities` prints; empty where it names none, as old libvirt does. */
export function usableCpuModels(xml: string): readonly string[] {
  const custom = childrenOf(childOf(parseXml(xml, "domainCapabilities").root, "cpu"), "mode").find(
    (mode) => attributeOf(mode, "name") === "custom",
  );
  return childrenOf(custom, "model")
    .filter((model) => attributeOf(model, "usable") !== "no")
    .map((model) => textOf(model) ?? "");
}

/** The backends of a TPM in that; empty where it names none, as libvirt before 8.0 does, or where there is no TPM at all. */
export function usableTpmBackends(xml: string): readonly string[] {
  const { root } = parseXml(xml, "domainCapabilities");
  return childrenOf(childOf(root, "devices", "tpm"), "enum")
    .filter((list) => attributeOf(list, "name") === "backendModel")
    .flatMap((list) => childrenOf(list, "value").map((value) => textOf(value) ?? ""));
}

function filled(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
