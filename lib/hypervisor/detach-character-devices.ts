// Serial lines and the like: files, ports and sockets of the host that only one VM can have.

import { removeElement, setAttribute, type XmlEdit } from "./edit-xml.ts";
import { attributeOf, childOf, childrenOf } from "./read-xml.ts";
import type { XmlElement } from "./xml-element.ts";

/** Edits for the serial lines, consoles and channels among a domain's devices. */
export function detachCharacterDevices(
  devices: XmlElement | undefined,
  logPath: (path: string) => string,
): readonly XmlEdit[] {
  const lines = ["serial", "parallel", "console"].flatMap((name) => childrenOf(devices, name));
  return [
    ...lines.flatMap((line) => [...detachLine(line, logPath), ...detachLog(line, logPath)]),
    ...childrenOf(devices, "channel").flatMap((channel) => [
      ...detachChannel(channel, logPath),
      ...detachLog(channel, logPath),
    ]),
  ];
}

/** Devices, sockets and ports of the host, of which a second user would take something away from the first. */
const shared = ["dev", "pipe", "tcp", "udp", "unix"];

function detachLine(line: XmlElement, logPath: (path: string) => string): readonly XmlEdit[] {
  const type = attributeOf(line, "type") ?? "";
  if (type === "file") return ownFile(line, logPath);
  if (!shared.includes(type)) return [];
  const bound = ["source", "protocol"].flatMap((name) => childrenOf(line, name));
  return [setAttribute(line, "type", "pty"), ...bound.map(removeElement)];
}

/** libvirt chooses the socket of a channel that names none. */
function detachChannel(channel: XmlElement, logPath: (path: string) => string): readonly XmlEdit[] {
  const type = attributeOf(channel, "type");
  if (type === "file") return ownFile(channel, logPath);
  if (type !== "unix") return [];
  return childrenOf(channel, "source")
    .filter((source) => attributeOf(source, "mode") !== "connect")
    .map(removeElement);
}

function ownFile(device: XmlElement, logPath: (path: string) => string): readonly XmlEdit[] {
  const source = childOf(device, "source");
  const path = attributeOf(source, "path");
  return source === undefined || path === undefined ? [] : [setAttribute(source, "path", logPath(path))];
}

function detachLog(device: XmlElement, logPath: (path: string) => string): readonly XmlEdit[] {
  const log = childOf(device, "log");
  const path = attributeOf(log, "file");
  return log === undefined || path === undefined ? [] : [setAttribute(log, "file", logPath(path))];
}
