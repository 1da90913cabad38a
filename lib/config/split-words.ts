/**
 * The words of a line as a POSIX shell parts them: quotes and backslashes taken away, a comment left out.
 * Undefined when a quote is not closed.
 */
export function splitWords(line: string): readonly string[] | undefined {
  const words: string[] = [];
  let rest = line.trimStart();
  while (rest !== "" && !rest.startsWith("#")) {
    const word = /^(?:[^\s'"\\]+|'[^']*'|"(?:[^"\\]|\\.)*"|\\.)+/s.exec(rest)?.[0];
    if (word === undefined || /^\S/.test(rest.slice(word.length))) return undefined;
    words.push(word.replaceAll(/'[^']*'|"(?:[^"\\]|\\.)*"|\\./gs, unquote));
    rest = rest.slice(word.length).trimStart();
  }
  return words;
}

function unquote(quoted: string): string {
  const inner = quoted.slice(1, -1);
  if (quoted.startsWith("'")) return inner;
  return quoted.startsWith('"') ? inner.replaceAll(/\\(["\\$`])/g, "$1") : quoted.slice(1);
}
