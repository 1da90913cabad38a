// A start tag, with the position of each of its attributes.

import { XmlError } from "./xml-error.ts";

/** An attribute and where it stands in the text. */
export interface XmlAttribute {
  readonly name: string;
  /** Before the blanks that part it from what precedes it. */
  readonly start: number;
  /** Of the value, between the quotes. */
  readonly valueStart: number;
  readonly valueEnd: number;
  /** Behind the closing quote. */
  readonly end: number;
}

export interface StartTag {
  readonly name: string;
  readonly attributes: readonly XmlAttribute[];
  /** Behind the name or the last attribute. */
  readonly attributesEnd: number;
  /** Behind `>`. */
  readonly end: number;
  /** True for `<name/>`. */
  readonly isEmpty: boolean;
}

/**
 * The start tag that begins at a position.
 * @throws XmlError `not-well-formed` where there is none, or an attribute is repeated.
 */
export function readStartTag(source: string, start: number): StartTag {
  const opening = matchAt(/<([\p{L}_:][\p{L}\p{M}\p{N}_:.·-]*)/uy, source, start);
  const name = opening?.[1];
  if (opening === null || name === undefined) throw new XmlError("not-well-formed", `no tag at ${start}`);
  const attributes = readAttributes(source, start + opening[0].length);
  const attributesEnd = attributes.at(-1)?.end ?? start + opening[0].length;
  const closing = matchAt(/\s*(\/?)>/y, source, attributesEnd);
  if (closing === null) throw new XmlError("not-well-formed", `tag <${name}> at ${start}`);
  return {
    name,
    attributes,
    attributesEnd,
    end: attributesEnd + closing[0].length,
    isEmpty: closing[1] === "/",
  };
}

const attributePattern = /\s+([\p{L}_:][\p{L}\p{M}\p{N}_:.·-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/uy;

function readAttributes(source: string, from: number): XmlAttribute[] {
  const attributes: XmlAttribute[] = [];
  const seen = new Set<string>();
  for (let start = from; ;) {
    const found = matchAt(attributePattern, source, start);
    if (found === null) return attributes;
    const [whole, name = "", double, single] = found;
    if (seen.has(name)) throw new XmlError("not-well-formed", `attribute ${name} repeated at ${start}`);
    seen.add(name);
    const end = start + whole.length;
    const valueLength = (double ?? single ?? "").length;
    attributes.push({ name, start, valueStart: end - 1 - valueLength, valueEnd: end - 1, end });
    start = end;
  }
}

function matchAt(pattern: RegExp, source: string, position: number): RegExpExecArray | null {
  pattern.lastIndex = position;
  return pattern.exec(source);
}
