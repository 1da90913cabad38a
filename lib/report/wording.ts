// Puts values into sentences: quoted, bounded, and harmless to a terminal.

import { quoteArgument } from "../shell/command.ts";

const longest = 300;

/** Text from outside without control characters (a host could move the cursor or forge lines) and not endless. */
export function harmless(text: string, limit = longest): string {
  // Control characters, line and paragraph ends, and what turns the direction of text around.
  const clean = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, " ").trim();
  return clean.length > limit ? `${clean.slice(0, limit)}…` : clean;
}

/** A value in quotes. */
export function quoted(value: string): string {
  return `"${harmless(value)}"`;
}

type Value =
  | string
  | number
  | readonly string[]
  | { readonly raw: string }
  | { readonly whole: string }
  | { readonly shell: string };

/**
 * A sentence whose values are quoted; a list is joined by commas; `{raw}` puts text in without quotes, `{whole}` also
 * without shortening it, since half a command is none; `{shell}` as an argument of a command for people to copy.
 */
export function words(texts: TemplateStringsArray, ...values: readonly Value[]): string {
  return texts.reduce((sentence, text, index) => sentence + spell(values[index - 1] ?? "") + text);
}

function spell(value: Value): string {
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return quoted(value);
  if ("shell" in value) return quoteArgument(harmless(value.shell, Infinity));
  if ("whole" in value) return harmless(value.whole, Infinity);
  if ("raw" in value) return harmless(value.raw).replace(/\.$/, "");
  if (value.length === 0) return "none";
  const shown = value.slice(0, 8).map(quoted).join(", ");
  return value.length > 8 ? `${shown} and ${value.length - 8} more` : shown;
}
