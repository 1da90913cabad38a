// Names of hosts, VMs and snapshots as names of files. Pure.

import { createHash } from "node:crypto";

const emptyName = "%empty";
const cutMark = "%~";
const hashLength = 32;

/**
 * Any name as one safe path component of at most `maximumBytes` bytes (at least 64), different for different names.
 *
 * Umlauts, spaces, quotes, `&` and `<` stay as they are. Percent-encoded are: `/`, `\`, `%`, control and invisible
 * characters, a leading `.` or `-`, a trailing `.` or space (which SMB drops), and the `l` of `latest`.
 * A name that is too long is cut and ends in `%~` and a hash: that one does not decode, but stays unique.
 */
export function encodeName(name: string, maximumBytes = 255): string {
  if (name === "") return emptyName;
  const parts = [...name].map((character, index, all) =>
    mustEncode(character, { isFirst: index === 0, isLast: index === all.length - 1 })
      ? percent(character)
      : character,
  );
  if (/^latest$/i.test(name)) parts[0] = percent(parts[0] as string);
  const encoded = parts.join("");
  return Buffer.byteLength(encoded) <= maximumBytes ? encoded : cut(parts, encoded, maximumBytes);
}

/** The name that `encodeName` turned into this; undefined when it was cut, or is nothing `encodeName` makes. */
export function decodeName(component: string): string | undefined {
  if (component === emptyName) return "";
  const name = decodePercent(component);
  return name !== undefined && encodeName(name) === component ? name : undefined;
}

function mustEncode(
  character: string,
  place: { readonly isFirst: boolean; readonly isLast: boolean },
): boolean {
  // Cf holds the invisible ones that reverse or hide text; Cs are halves of surrogate pairs, which no file name can hold.
  if (/[/\\%\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(character)) return true;
  if (place.isFirst && /[.-]/.test(character)) return true;
  return place.isLast && /[. ]/.test(character);
}

function percent(character: string): string {
  if (/\p{Cs}/u.test(character)) return `%u${hexadecimal(character.charCodeAt(0))}`;
  return [...Buffer.from(character)].map((byte) => `%${hexadecimal(byte)}`).join("");
}

function hexadecimal(value: number): string {
  return value.toString(16).toUpperCase().padStart(2, "0");
}

function cut(parts: readonly string[], encoded: string, maximumBytes: number): string {
  // Of the encoded text, not of the name: hashing would turn every half of a surrogate pair into the same character.
  const suffix = cutMark + createHash("sha256").update(encoded).digest("hex").slice(0, hashLength);
  let kept = "";
  for (const part of parts) {
    if (Buffer.byteLength(kept + part) > maximumBytes - suffix.length) break;
    kept += part;
  }
  return kept + suffix;
}

function decodePercent(component: string): string | undefined {
  try {
    return component.replaceAll(/%u([0-9A-F]{4})|(?:%[0-9A-F]{2})+|%/g, (text, half: string | undefined) => {
      if (text === "%") throw new TypeError("stray %");
      if (half !== undefined) return String.fromCharCode(Number.parseInt(half, 16));
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
        Buffer.from(text.replaceAll("%", ""), "hex"),
      );
    });
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
