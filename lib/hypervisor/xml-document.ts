// The only reader of XML, and the only importer of fast-xml-parser.
//
// libvirt keeps comments, CDATA, processing instructions, line ends and names like `__proto__` in a domain's XML just
// as they came; rebuilding a document from a parsed tree loses or renames some of them (fast-xml-parser does, with
// any options). So nothing is ever rebuilt: the parser only says where each element begins and ends, and edit-xml.ts
// changes the original text at exactly those places. What is not edited is the same bytes by construction.

import { XMLParser } from "fast-xml-parser";

import { maskOpaque } from "./mask-opaque.ts";
import { descendantsOf } from "./read-xml.ts";
import { readElement } from "./xml-element.ts";
import type { XmlElement, XmlExtent } from "./xml-element.ts";
import { XmlError } from "./xml-error.ts";
import { decodeXml, forbiddenCharacters } from "./xml-references.ts";

/** A document that was found well-formed, and its text, unchanged. */
export interface XmlDocument {
  readonly source: string;
  readonly root: XmlElement;
}

/** Longest text that is read, in UTF-16 units: twice what libvirt itself sends (its REMOTE_STRING_MAX is 4 MiB). */
export const maximumXmlLength = 8 * 1024 * 1024;

/** Deepest nesting that is read; libxml2, hence libvirt, reads no deeper. */
export const maximumXmlDepth = 256;

/**
 * Reads a document whose root element has the given name.
 * @throws XmlError when it is not well-formed, has a DOCTYPE or another root, or is too large or too deep.
 */
export function parseXml(text: string, expectedRoot: string): XmlDocument {
  if (text.length > maximumXmlLength) throw new XmlError("too-large", `${text.length} characters`);
  const forbidden = forbiddenCharacters.exec(text);
  if (forbidden !== null) throw new XmlError("not-well-formed", `forbidden character at ${forbidden.index}`);
  const masked = maskOpaque(text);
  const root = readElement(findRoot(masked), { source: text, namespace: "" });
  checkWellFormed(masked, root);
  if (root.name !== expectedRoot)
    throw new XmlError("wrong-root", `<${root.name}> instead of <${expectedRoot}>`);
  return { source: text, root };
}

/** The extent of the one root element, around which is nothing but blanks. */
function findRoot(masked: string): XmlExtent {
  const [root, ...others] = extentsOf(parseStructure(masked));
  if (root === undefined || others.length > 0)
    throw new XmlError("not-well-formed", "not exactly one root element");
  const around = masked.slice(0, root.start).replace(/^\uFEFF/, "") + masked.slice(root.end);
  if (/[^ \t\r\n]/.test(around)) throw new XmlError("not-well-formed", "text outside the root element");
  return root;
}

function parseStructure(masked: string): readonly ParsedNode[] {
  try {
    return parser.parse(masked) as readonly ParsedNode[];
  } catch {
    // Its error is not kept: it quotes the text, which may hold passwords.
    throw new XmlError(
      "not-well-formed",
      `a tag without end, or more than ${maximumXmlDepth} elements in each other`,
    );
  }
}

/**
 * The parser lets much pass. Each element was read again from the text, end tag and attributes included; when no `<`
 * is left over and every reference is known, nothing is in the text but elements and text.
 */
function checkWellFormed(masked: string, root: XmlElement): void {
  let openings = 0;
  for (let at = masked.indexOf("<"); at !== -1; at = masked.indexOf("<", at + 1)) openings++;
  for (const element of descendantsOf(root)) openings -= element.content === undefined ? 1 : 2;
  if (openings !== 0) throw new XmlError("not-well-formed", "tags that are not those of its elements");
  for (const [reference] of masked.matchAll(/&[^;&<]{0,12};?/g)) decodeXml(reference);
}

/** One entry of the ordered output: a single own key, with an array for elements and other things for the rest. */
type ParsedNode = Readonly<Record<string, unknown>> & {
  readonly [position: symbol]: { readonly startIndex: number; readonly endIndex?: number } | undefined;
};

const parser = new XMLParser({
  preserveOrder: true,
  captureMetaData: true,
  // Attributes are read from the text itself, by position.
  ignoreAttributes: true,
  processEntities: false,
  parseTagValue: false,
  trimValues: false,
  maxNestedTags: maximumXmlDepth - 1, // the root is not counted
  jPath: false,
  // Names are read from the text itself too: here some of them (`__proto__`, `constructor`) would be refused.
  // The slash of `<x/>` comes along with the name, and makes the element an empty one.
  transformTagName: (name) => (name.endsWith("/") ? `${elementKey}/` : elementKey),
});
const elementKey = "element";
const positionKey = XMLParser.getMetaDataSymbol() as symbol;

function extentsOf(nodes: readonly ParsedNode[]): XmlExtent[] {
  return nodes
    .filter((node) => Object.hasOwn(node, elementKey))
    .map((node) => {
      const position = node[positionKey];
      if (position?.endIndex === undefined) throw new XmlError("not-well-formed", "an element has no end");
      const children = extentsOf(node[elementKey] as readonly ParsedNode[]);
      return { start: position.startIndex, end: position.endIndex, children };
    });
}
