// SHA256SUMS, in the format of sha256sum. Pure.

/**
 * The text of a SHA256SUMS file that `sha256sum -c` accepts: one line per file, sorted by name.
 *
 * A name with a backslash, newline or carriage return is escaped as GNU coreutils does, with `\` before the sum.
 */
export function formatChecksums(sums: ReadonlyMap<string, string>): string {
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([fileName, sha256]) => {
      const escaped = fileName.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
      return `${escaped === fileName ? "" : "\\"}${sha256}  ${escaped}\n`;
    })
    .join("");
}
