// An element and where it stands in its document's text.

import { XmlError } from "./xml-error.ts";
import { decodeXml } from "./xml-references.ts";
import { readStartTag } from "./xml-start-tag.ts";
import type { StartTag, XmlAttribute } from "./xml-start-tag.ts";

/** All positions count UTF-16 units from the start of the text. */
export interface XmlElement {
  /** As written, prefix and all; `{namespace}name` where a default namespace is in force (libvirt itself uses none). */
  readonly name: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlElement[];
  /** The text of the whole document. */
  readonly source: string;
  readonly start: number;
  /** Behind the last attribute (or the name), where another attribute may be put. */
  readonly attributesEnd: number;
  /** What is between start tag and end tag; undefined for `<x/>`. */
  readonly content: { readonly start: number; readonly end: number } | undefined;
  readonly end: number;
}

/** What a parser says of an element: where its start tag begins, where its end tag ends, and what is inside. */
export interface XmlExtent {
  readonly start: number;
  readonly end: number;
  readonly children: readonly XmlExtent[];
}

/**
 * The element that a parser found, read again from the text itself.
 * @throws XmlError `not-well-formed` where the text does not bear out what the parser said.
 */
export function readElement(extent: XmlExtent, context: { source: string; namespace: string }): XmlElement {
  const { source } = context;
  const { start, end } = extent;
  const tag = readStartTag(source, start);
  for (const { valueStart, valueEnd } of tag.attributes) decodeXml(source.slice(valueStart, valueEnd));
  const namespace = defaultNamespace(tag, source) ?? context.namespace;
  return {
    name: namespace === "" ? tag.name : `{${namespace}}${tag.name}`,
    attributes: tag.attributes,
    children: extent.children.map((child) => readElement(child, { source, namespace })),
    source,
    start,
    attributesEnd: tag.attributesEnd,
    content: findContent(tag, extent, source),
    end,
  };
}

function defaultNamespace(tag: StartTag, source: string): string | undefined {
  const declaration = tag.attributes.find(({ name }) => name === "xmlns");
  return declaration && decodeXml(source.slice(declaration.valueStart, declaration.valueEnd));
}

function findContent(tag: StartTag, extent: XmlExtent, source: string): XmlElement["content"] {
  const { end } = extent;
  if (tag.isEmpty) {
    if (end !== tag.end || extent.children.length > 0) throw disagreement(tag, extent);
    return undefined;
  }
  const endTag = source.lastIndexOf("</", end - 1);
  const isEndTag =
    source.startsWith(tag.name, endTag + 2) && source.slice(endTag + 2 + tag.name.length, end).trim() === ">";
  const lastChildEnd = extent.children.at(-1)?.end ?? tag.end;
  if (endTag < lastChildEnd || !isEndTag) throw disagreement(tag, extent);
  return { start: tag.end, end: endTag };
}

function disagreement(tag: StartTag, extent: XmlExtent): XmlError {
  return new XmlError("not-well-formed", `element <${tag.name}> at ${extent.start}`);
}
