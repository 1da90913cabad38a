// Looking into elements. Values come out as their owner meant them, references resolved.

import type { XmlElement } from "./xml-element.ts";
import { decodeXml } from "./xml-references.ts";

/** The children with this name; elements of other namespaces are never among them. */
export function childrenOf(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

/** The first element on a path of names below an element. */
export function childOf(element: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  return path.reduce((parent, name) => parent?.children.find((child) => child.name === name), element);
}

/**
 * The value of an attribute. Line ends and tabs that stand in it literally are kept, though XML reads them as blanks:
 * libvirt writes them so when they are part of a path, and another path must not be made of it.
 */
export function attributeOf(element: XmlElement | undefined, name: string): string | undefined {
  const attribute = element?.attributes.find((candidate) => candidate.name === name);
  if (element === undefined || attribute === undefined) return undefined;
  return decodeXml(element.source.slice(attribute.valueStart, attribute.valueEnd));
}

/** The element's own text, CDATA included, that of its children left out; undefined when there is no element. */
export function textOf(element: XmlElement | undefined): string | undefined {
  if (element === undefined) return undefined;
  if (element.content === undefined) return "";
  const { source, children, content } = element;
  const starts = [content.start, ...children.map((child) => child.end)];
  const ends = [...children.map((child) => child.start), content.end];
  return starts.map((start, index) => readText(source.slice(start, ends[index]))).join("");
}

/** The element and all below it, in document order. */
export function* descendantsOf(element: XmlElement): Generator<XmlElement> {
  yield element;
  for (const child of element.children) yield* descendantsOf(child);
}

function readText(raw: string): string {
  const pieces = raw.matchAll(/<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>|([^<]+)/g);
  return Array.from(
    pieces,
    ([, literal, text]) => literal ?? (text === undefined ? "" : decodeXml(text)),
  ).join("");
}
