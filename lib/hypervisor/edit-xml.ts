// Changes to a document, as replacements of pieces of its text.

import { parseXml } from "./xml-document.ts";
import type { XmlDocument } from "./xml-document.ts";
import type { XmlElement } from "./xml-element.ts";
import { encodeXml } from "./xml-references.ts";

/** The text from `start` to `end` becomes `text`. */
export interface XmlEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The document's text with the edits made; every byte outside them is what it was.
 * @throws XmlError when the outcome is not well-formed. That, and edits that overlap, are bugs of the caller.
 */
export function editXml({ source, root }: XmlDocument, edits: readonly XmlEdit[]): string {
  const parts: string[] = [];
  let done = 0;
  for (const { start, end, text } of edits.toSorted(
    (one, other) => one.start - other.start || one.end - other.end,
  )) {
    if (start < done || end < start) throw new Error(`XML edits overlap at ${start}`);
    parts.push(source.slice(done, start), text);
    done = end;
  }
  const edited = parts.join("") + source.slice(done);
  parseXml(edited, root.name);
  return edited;
}

/** Gives an attribute a value; it is added behind the others when it is not there. */
export function setAttribute(element: XmlElement, name: string, value: string): XmlEdit {
  const attribute = element.attributes.find((candidate) => candidate.name === name);
  if (attribute !== undefined) {
    return { start: attribute.valueStart, end: attribute.valueEnd, text: encodeXml(value) };
  }
  return { start: element.attributesEnd, end: element.attributesEnd, text: ` ${name}='${encodeXml(value)}'` };
}

/** Puts `name=value` in the place of another attribute, if that is there. */
export function replaceAttribute(
  element: XmlElement,
  oldName: string,
  { name, value }: { name: string; value: string },
): XmlEdit[] {
  return element.attributes
    .filter((attribute) => attribute.name === oldName)
    .map(({ start, end }) => ({ start, end, text: ` ${name}='${encodeXml(value)}'` }));
}

/** Takes an attribute away, if it is there. */
export function removeAttribute(element: XmlElement, name: string): XmlEdit[] {
  return element.attributes
    .filter((attribute) => attribute.name === name)
    .map(({ start, end }) => ({ start, end, text: "" }));
}

/** Makes this text the only content of an element. */
export function setText(element: XmlElement, value: string): XmlEdit {
  const text = encodeXml(value);
  if (element.content !== undefined) return { ...element.content, text };
  const name = /^<([^\s/>]+)/.exec(element.source.slice(element.start, element.end))?.[1] ?? "";
  return { start: element.attributesEnd, end: element.end, text: `>${text}</${name}>` };
}

/** Takes an element away, with the line it stood on. */
export function removeElement({ source, start, end }: XmlElement): XmlEdit {
  return { start: start - indentBefore(source, start).length, end, text: "" };
}

/** Puts an element behind another one, on a line of its own if that has one. */
export function insertAfter({ source, start, end }: XmlElement, xml: string): XmlEdit {
  return { start: end, end, text: indentBefore(source, start) + xml };
}

/** Puts an element before another one, likewise. */
export function insertBefore({ source, start }: XmlElement, xml: string): XmlEdit {
  return { start, end: start, text: xml + indentBefore(source, start) };
}

function indentBefore(source: string, position: number): string {
  let start = position;
  while (start > 0 && /[ \t]/.test(source.charAt(start - 1))) start--;
  if (source.charAt(start - 1) !== "\n") return "";
  return source.slice(source.charAt(start - 2) === "\r" ? start - 2 : start - 1, position);
}
