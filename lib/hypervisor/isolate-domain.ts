// A definition that is started for a while only: its disks are overlays, its serial line is a file, and nothing that
// others use is left in it. Network cards were unplugged before.

import { editXml, removeAttribute, removeElement, setAttribute, type XmlEdit } from "./edit-xml.ts";
import { attributeOf, childOf, childrenOf } from "./read-xml.ts";
import { parseXml } from "./xml-document.ts";
import type { XmlElement } from "./xml-element.ts";
import { encodeXml } from "./xml-references.ts";

export interface Isolation {
  /** The overlay that takes the place of an image, both on the host; empty where the images are copies. */
  readonly overlays: ReadonlyMap<string, string>;
  /** Where what the guest prints goes. */
  readonly serialPath: string;
}

export interface IsolatedDomain {
  readonly xml: string;
  readonly hasSerial: boolean;
  /** Arguments for QEMU could give it anything of the host. */
  readonly hasQemuArguments: boolean;
}

/** The definition with its edits. @throws XmlError when it cannot be used. */
export function isolateDomain(xml: string, { overlays, serialPath }: Isolation): IsolatedDomain {
  const document = parseXml(xml, "domain");
  const devices = childOf(document.root, "devices");
  const lines = serialLines(devices);
  const edits = [
    ...childrenOf(devices, "disk").flatMap((disk) => putOnOverlay(disk, overlays)),
    ...lines.flatMap((line) => writeToFile(line, serialPath)),
    // Memory and input devices that other VMs, or a person at the host, use.
    ...["shmem", "redirdev"].flatMap((name) => childrenOf(devices, name).map(removeElement)),
    ...childrenOf(devices, "input")
      .filter((input) => ["passthrough", "evdev"].includes(attributeOf(input, "type") ?? ""))
      .map(removeElement),
    ...childrenOf(devices, "filesystem").map(removeElement),
    // libvirt is to delete the state with the VM.
    ...childrenOf(devices, "tpm")
      .flatMap((tpm) => childrenOf(tpm, "backend"))
      .flatMap((backend) => removeAttribute(backend, "persistent_state")),
  ];
  return {
    xml: editXml(document, edits),
    hasSerial: lines.length > 0,
    hasQemuArguments: document.root.children.some(
      (child) =>
        /(?:^|[:}])commandline$/.test(child.name) &&
        child.children.some(({ name }) => /(?:^|[:}])arg$/.test(name)),
    ),
  };
}

/** The first serial line, which has a second name as a console; or a console that is none of these. */
function serialLines(devices: XmlElement | undefined): readonly XmlElement[] {
  const [serial] = childrenOf(devices, "serial");
  const consoles = childrenOf(devices, "console");
  const isTwin = (line: XmlElement): boolean =>
    (attributeOf(childOf(line, "target"), "type") ?? "serial") === "serial";
  const twin = consoles.find(isTwin);
  if (serial !== undefined) return twin === undefined ? [serial] : [serial, twin];
  return consoles.slice(0, 1);
}

function writeToFile(line: XmlElement, path: string): readonly XmlEdit[] {
  const source = `<source path='${encodeXml(path)}'/>`;
  return [
    setAttribute(line, "type", "file"),
    ...removeAttribute(line, "tty"),
    ...["source", "protocol", "log"].flatMap((name) => childrenOf(line, name).map(removeElement)),
    line.content === undefined
      ? { start: line.attributesEnd, end: line.end, text: `>${source}</${line.name}>` }
      : { start: line.content.start, end: line.content.start, text: source },
  ];
}

/**
 * libvirt is kept from giving the images of the chain to QEMU's user (`relabel='no'`): they are the backup. What is
 * written is thrown away, so nobody waits for a disk to have it.
 */
function putOnOverlay(disk: XmlElement, overlays: ReadonlyMap<string, string>): readonly XmlEdit[] {
  const source = childOf(disk, "source");
  const overlay = overlays.get(attributeOf(source, "file") ?? "");
  if (source === undefined || overlay === undefined) return [];
  const driver = childOf(disk, "driver");
  const label = "<seclabel model='dac' relabel='no'/>";
  return [
    setAttribute(source, "file", overlay),
    source.content === undefined
      ? { start: source.attributesEnd, end: source.end, text: `>${label}</source>` }
      : { start: source.content.start, end: source.content.start, text: label },
    ...(driver === undefined
      ? [
          {
            start: source.start,
            end: source.start,
            text: "<driver name='qemu' type='qcow2' cache='unsafe'/>",
          },
        ]
      : [
          setAttribute(driver, "type", "qcow2"),
          setAttribute(driver, "cache", "unsafe"),
          ...removeAttribute(driver, "io"),
        ]),
    ...childrenOf(disk, "backingStore").map(removeElement),
  ];
}
