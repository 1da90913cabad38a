// SHA256SUMS, read. Pure.

import { filePathPattern } from "./layout.ts";

/** No list of checksums is longer; reading stops here. A manifest's own bounds keep it below. */
export const maximumChecksumsBytes = 32 * 1024 * 1024;

/** The checksums by file name, or the first line that is none. */
export type ChecksumsReading =
  | { readonly kind: "checksums"; readonly sums: ReadonlyMap<string, string> }
  | { readonly kind: "malformed"; readonly line: number };

/**
 * Reads what `formatChecksums` writes, and nothing else: no other mode, no path that leaves the backup, no file twice,
 * no other order. Anybody may have written it.
 */
export function parseChecksums(text: string): ChecksumsReading {
  const sums = new Map<string, string>();
  const lines = text.split("\n");
  // What follows the last line's end.
  if (lines.pop() !== "") return { kind: "malformed", line: lines.length + 1 };
  let previous = "";
  for (const [index, line] of lines.entries()) {
    const [, sha256 = "", fileName = ""] = /^([0-9a-f]{64}) {2}([^\0]+)$/s.exec(line) ?? [];
    const isName = filePathPattern.test(fileName) && fileName > previous;
    if (sha256 === "" || !isName) return { kind: "malformed", line: index + 1 };
    sums.set(fileName, sha256);
    previous = fileName;
  }
  return { kind: "checksums", sums };
}
