// Values as Ansible takes them in INI inventories: what Python reads as a literal is one, all else is text. Pure.

/**
 * What Python's `literal_eval` makes of the text, for texts in quotes, numbers, truths and lists of these, with a comment
 * behind them or without; the text itself when it is nothing of this.
 */
export function pythonLiteral(text: string): unknown {
  const [, list] = /^\s*\[(.*)\]\s*(?:#.*)?$/s.exec(text) ?? [];
  if (list !== undefined) return readList(list) ?? text;
  const [, first, rest] = oneLiteral.exec(text) ?? [];
  if (first === undefined || !/^\s*(?:#.*)?$/s.test(rest ?? "")) return text;
  return valueOf(first);
}

const quoted = String.raw`'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"`;
const whole = String.raw`0+|[1-9](?:_?\d)*|0[xX](?:_?[\dA-Fa-f])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+`;
const oneLiteral = new RegExp(
  String.raw`^\s*(${quoted}|-?(?:${whole})(?![\w.])|True\b|False\b|None\b)(.*)$`,
  "s",
);

function readList(text: string): readonly unknown[] | undefined {
  const items: unknown[] = [];
  let rest = text;
  while (rest.trim() !== "") {
    const [, item, after = ""] = oneLiteral.exec(rest) ?? [];
    const [comma] = /^\s*(?:,|$)/.exec(after) ?? [];
    if (item === undefined || comma === undefined) return undefined;
    items.push(valueOf(item));
    rest = after.slice(comma.length);
  }
  return items;
}

function valueOf(literal: string): unknown {
  const named: Readonly<Record<string, unknown>> = { True: true, False: false, None: null };
  if (literal in named) return named[literal];
  // What else a backslash may begin would be refused in any name or path.
  if (/^['"]/.test(literal)) return literal.slice(1, -1).replaceAll(/\\([\\'"])/g, "$1");
  const [, sign, digits = ""] = /^(-?)(.*)$/.exec(literal.replaceAll("_", "")) ?? [];
  return sign === "-" ? -Number(digits) : Number(digits);
}
