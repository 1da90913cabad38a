// Text on a terminal, where letters of East Asian scripts and emoji take two columns. The only user of string-width.

import stringWidth from "string-width";
import { harmless } from "./wording.ts";

const letters = new Intl.Segmenter("en", { granularity: "grapheme" });

/** The text in exactly that many columns: cut, which `…` tells, or filled up with spaces. */
export function fitColumns(text: string, columns: number): string {
  const shown = harmless(text);
  const width = stringWidth(shown);
  if (width <= columns) return shown + " ".repeat(columns - width);
  let kept = "";
  let keptWidth = 0;
  for (const { segment } of letters.segment(shown)) {
    const more = stringWidth(segment);
    if (keptWidth + more > columns - 1) break;
    kept += segment;
    keptWidth += more;
  }
  return `${kept}…${" ".repeat(columns - 1 - keptWidth)}`;
}

/** The first of these texts that fits, else the last one. */
export function firstThatFits(texts: readonly string[], columns: number): string {
  return texts.find((text) => stringWidth(text) <= columns) ?? texts.at(-1) ?? "";
}
