// Comments, CDATA and processing instructions, out of the parser's way.

import { XmlError } from "./xml-error.ts";

/**
 * The text with comments, CDATA sections and processing instructions overwritten, every position kept.
 *
 * What is in them is not markup, and readers differ about its quotes and brackets: with them gone, what is left is
 * tags and text only, about which no two readers differ. CDATA becomes letters, since it is text and must not stand
 * outside the root element; the others become blanks.
 * @throws XmlError `doctype` for a DOCTYPE, `not-well-formed` for what has no end.
 */
export function maskOpaque(text: string): string {
  const parts: string[] = [];
  let done = 0;
  for (let start = nextOpening(text, 0); start !== -1; start = nextOpening(text, done)) {
    const kind = opaqueKinds.find(({ opening }) => text.startsWith(opening, start));
    if (kind === undefined) throw new XmlError("doctype", `at ${start}`);
    const closing = text.indexOf(kind.closing, start + kind.opening.length);
    if (closing === -1) throw new XmlError("not-well-formed", `${kind.opening} at ${start} has no end`);
    if (isMisplacedDeclaration(text, start)) throw new XmlError("not-well-formed", `<?xml at ${start}`);
    const end = closing + kind.closing.length;
    parts.push(text.slice(done, start), kind.filler.repeat(end - start));
    done = end;
  }
  parts.push(text.slice(done));
  return parts.join("");
}

const opaqueKinds = [
  { opening: "<!--", closing: "-->", filler: " " },
  { opening: "<![CDATA[", closing: "]]>", filler: "x" },
  { opening: "<?", closing: "?>", filler: " " },
] as const;

function nextOpening(text: string, from: number): number {
  const found = /<[!?]/g;
  found.lastIndex = from;
  return found.exec(text)?.index ?? -1;
}

function isMisplacedDeclaration(text: string, start: number): boolean {
  return start > 0 && text.slice(0, start) !== "\uFEFF" && /^<\?xml[\s?]/.test(text.slice(start, start + 6));
}
