// Host patterns of Ansible: `web[01:50]`, `db[a:f]`, `n[0:8:2]` → names. Pure.

import { mostHosts } from "./ansible-data.ts";

/** The names that a pattern stands for; undefined when it cannot be read or stands for too many. */
export function expandRange(pattern: string): readonly string[] | undefined {
  let names: readonly string[] = [""];
  let rest = pattern;
  for (;;) {
    const [, before = "", from, to, step] =
      /^([^[\]]*)\[([^:[\]]*):([^:[\]]+)(?::(\d+))?\](?!:)/.exec(rest) ?? [];
    if (to === undefined) break;
    const values = valuesOf(from === "" || from === undefined ? "0" : from, to, Number(step ?? "1"));
    if (values === undefined || names.length * values.length > mostHosts) return undefined;
    names = names.flatMap((name) => values.map((value) => `${name}${before}${value}`));
    rest = rest.slice(rest.indexOf("]") + 1);
  }
  return /[[\]]/.test(rest) ? undefined : names.map((name) => name + rest);
}

const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

function valuesOf(from: string, to: string, step: number): readonly string[] | undefined {
  const isNumeric = /^\d{1,9}$/.test(from) && /^\d{1,9}$/.test(to);
  const [first, last] = isNumeric
    ? [Number(from), Number(to)]
    : [alphabet.indexOf(from), alphabet.indexOf(to)];
  const isLetters = from.length === 1 && to.length === 1;
  if ((!isNumeric && !isLetters) || first < 0 || last < first || step < 1) return undefined;
  // A leading zero asks for as many digits as there are, and both ends must have them.
  const width = from.startsWith("0") && from.length > 1 ? from.length : 0;
  if (width > 0 && to.length !== width) return undefined;
  const count = Math.floor((last - first) / step) + 1;
  if (count > mostHosts) return undefined;
  return Array.from({ length: count }, (_, index) => {
    const value = first + index * step;
    return isNumeric ? String(value).padStart(width, "0") : (alphabet[value] ?? "");
  });
}
