// What differs between two texts, line by line.

/** Lines of `after` that are not in `before`, in order; lines that went are there with a `-`. Blanks around them are cut. */
export function changedLines(before: string, after: string): readonly string[] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const changed: string[] = [];
  let at = 0;
  for (const line of now) {
    if (line === old[at]) at++;
    else if (line === old[at + 1] && old.length > now.length) {
      changed.push(`-${(old[at] ?? "").trim()}`);
      at += 2;
    } else {
      changed.push(line.trim());
      at++;
    }
  }
  return changed;
}
