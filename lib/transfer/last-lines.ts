const shownLength = 1000;

/** The end of what a program complained of, on one line. */
export function lastLines(text: string): string {
  const lines = text.split(/[\r\n]+/).map((line) => line.trim());
  return lines
    .filter((line) => line !== "")
    .join("; ")
    .slice(-shownLength);
}
