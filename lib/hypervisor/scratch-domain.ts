// A VM that is nothing but one small disk, to try things with. Pure.

import { AnswerError } from "./answer-error.ts";
import { encodeXml } from "./xml-references.ts";

/** What a host can run. */
export interface Machine {
  readonly virtType: string;
  readonly arch: string;
}

/** Reads `virsh domcapabilities`, asked without options: what libvirt would choose itself. @throws AnswerError. */
export function parseMachine(xml: string): Machine {
  const [virtType, arch] = ["domain", "arch"].map(
    (name) => new RegExp(`<${name}>([A-Za-z0-9_-]{1,40})</${name}>`).exec(xml)?.[1],
  );
  if (virtType === undefined || arch === undefined) throw new AnswerError("no kind of machine in it");
  return { virtType, arch };
}

/** Its definition: without firmware, network or display, as small as there is. @throws XmlError. */
export function scratchDomain(vm: {
  readonly name: string;
  readonly uuid: string;
  readonly machine: Machine;
  readonly imagePath: string;
}): string {
  const { name, uuid, machine, imagePath } = vm;
  return [
    `<domain type='${machine.virtType}'>`,
    `  <name>${encodeXml(name)}</name>`,
    `  <uuid>${encodeXml(uuid)}</uuid>`,
    "  <memory unit='MiB'>32</memory>",
    "  <vcpu>1</vcpu>",
    "  <os>",
    `    <type arch='${machine.arch}'>hvm</type>`,
    "  </os>",
    "  <devices>",
    "    <disk type='file' device='disk'>",
    "      <driver name='qemu' type='qcow2'/>",
    `      <source file='${encodeXml(imagePath)}'/>`,
    "      <target dev='vda' bus='virtio'/>",
    "    </disk>",
    "  </devices>",
    "</domain>",
    "",
  ].join("\n");
}
