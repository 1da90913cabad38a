// References: `&amp;`, `&#10;` and their like. Only those that XML has without a DOCTYPE.

import { XmlError } from "./xml-error.ts";

/**
 * The text with its references resolved.
 * @throws XmlError `unknown-reference` for anything but the five names and numbers of characters that XML allows.
 */
export function decodeXml(raw: string): string {
  return raw.replace(/&([^;&]{0,12})(;?)/g, (reference: string, name: string, end: string) => {
    const character = end === ";" ? resolve(name) : undefined;
    if (character === undefined) throw new XmlError("unknown-reference", reference);
    return character;
  });
}

/**
 * The text as it may stand in an attribute (in either kind of quotes) and in an element.
 * Tabs and line ends become references: a parser reads them as spaces in attributes otherwise.
 * @throws XmlError `unencodable-character` for characters that XML cannot hold at all.
 */
export function encodeXml(text: string): string {
  if (forbiddenCharacters.test(text)) {
    throw new XmlError("unencodable-character", JSON.stringify(text));
  }
  return text.replace(/[&<>"'\t\n\r]/g, (character) => escapes.get(character) ?? character);
}

/** Characters that no XML 1.0 document may hold, not even as references; halves of surrogate pairs among them. */
// oxlint-disable-next-line no-control-regex
export const forbiddenCharacters = /[\0-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF]|\p{Surrogate}/u;

const names = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);

const escapes = new Map([
  ...[...names].map(([name, character]) => [character, `&${name};`] as const),
  ...["\t", "\n", "\r"].map((character) => [character, `&#${character.charCodeAt(0)};`] as const),
]);

function resolve(name: string): string | undefined {
  const digits = /^#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}))$/.exec(name);
  if (digits === null) return names.get(name);
  const code = digits[1] === undefined ? Number(digits[2]) : Number.parseInt(digits[1], 16);
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
  const character = String.fromCodePoint(code);
  return forbiddenCharacters.test(character) ? undefined : character;
}
