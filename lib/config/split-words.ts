/**
 * The words of a line as Ansible's INI reader parts them, which is Python's `shlex`: quotes and backslashes taken away, and
 * everything behind a `#` that is not quoted left out, also in the middle of a word. Undefined when a quote is not closed.
 */
export function splitWords(line: string): readonly string[] | undefined {
  const words: string[] = [];
  let rest = line.replace(leadingSpace, "");
  while (rest !== "" && !rest.startsWith("#")) {
    const word = /^(?:[^ \t\r\n'"\\#]+|'[^']*'|"(?:[^"\\]|\\.)*"|\\.)+/s.exec(rest)?.[0];
    if (word === undefined || /^[^ \t\r\n#]/.test(rest.slice(word.length))) return undefined;
    words.push(word.replaceAll(/'[^']*'|"(?:[^"\\]|\\.)*"|\\./gs, unquote));
    rest = rest.slice(word.length).replace(leadingSpace, "");
  }
  return words;
}

const leadingSpace = /^[ \t\r\n]+/;

function unquote(quoted: string): string {
  const inner = quoted.slice(1, -1);
  if (quoted.startsWith("'")) return inner;
  return quoted.startsWith('"') ? inner.replaceAll(/\\(["\\])/g, "$1") : quoted.slice(1);
}
