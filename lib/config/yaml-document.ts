// YAML text → plain values that remember their lines. The only user of the yaml package. Pure.
//
// The text may be anybody's, so everything is bounded before the package works on it: deep nesting would end the whole
// process (measured: Node aborts), and keys are compared here, since the package takes quadratic time for it.

import { isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, parseDocument, Parser } from "yaml";
import type { Document, Node, YAMLError, YAMLMap } from "yaml";
import type { InventoryProblem, InventoryTrouble } from "../model/inventory-problem.ts";

/** Names of keys and indexes of lists, from the top. */
export type ValuePath = readonly (string | number)[];

/** A document that could be taken apart. */
export interface YamlDocument {
  readonly value: unknown;
  /** What is wrong with it all the same: keys that are there twice, or that are no texts. */
  readonly problems: readonly InventoryProblem[];
  /** Tags that mean nothing here, such as Ansible's `!vault`. */
  readonly unknownTags: readonly InventoryProblem[];
  /** The line of a key or list item; of what it is in, when there is no such key. */
  lineOf(path: ValuePath): number;
}

/** The most that an inventory may be. */
export const yamlLimits = { bytes: 1024 * 1024, levels: 40, values: 100_000 } as const;

/** What is wrong with a text that is no YAML. */
export interface BrokenYaml {
  readonly problems: readonly InventoryProblem[];
}

/** Which YAML it is. */
export interface YamlOptions {
  /** Version 1.1, in which Python reads Ansible's inventories: `yes` is true, 017 is 15, and `<<` merges mappings. */
  readonly isPython?: boolean;
}

/** Reads one YAML document. Never throws. */
export function readYaml(
  text: string,
  file: string,
  { isPython = false }: YamlOptions = {},
): YamlDocument | BrokenYaml {
  const at = (line: number | undefined, trouble: InventoryTrouble): InventoryProblem => ({
    file,
    line,
    trouble,
  });
  const tooMuch = (what: keyof typeof yamlLimits): BrokenYaml => ({
    problems: [at(undefined, { kind: "too-much", what, limit: yamlLimits[what] })],
  });
  if (text.length > yamlLimits.bytes) return tooMuch("bytes");
  if (isTooDeep(text)) return tooMuch("levels");
  const lines = new LineCounter();
  const document = parseDocument(text, {
    ...{ lineCounter: lines, prettyErrors: false, uniqueKeys: false },
    version: isPython ? "1.1" : "1.2",
  });
  const toProblem = ({ message, pos }: YAMLError): InventoryProblem =>
    at(lines.linePos(pos[0]).line, {
      kind: "unreadable",
      detail: message.replace(/; please use YAML\.\w+\(\)/, ""),
    });
  if (document.errors.length > 0) return { problems: document.errors.map(toProblem) };
  const conversion = new Conversion(document, lines, { isPython });
  const value = conversion.convert(document.contents, []);
  if (conversion.isTooMuch) return tooMuch("values");
  const problems = conversion.troubles.map(({ line, trouble }) => at(line, trouble));
  const unknownTags = document.warnings.map(toProblem);
  return { value, problems, unknownTags, lineOf: (path) => conversion.lineOf(path) };
}

/** Runs the parser, which keeps a stack of its own, and stops it where it gets deep. */
function isTooDeep(text: string): boolean {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    // What it makes of the text does not matter, only how deep it is in it.
    const tokens = parser.next(lexeme);
    while (tokens.next().done !== true) continue;
    if (parser.stack.length > yamlLimits.levels * 2) return true;
  }
  return false;
}

/** One walk through a document. Aliases are followed; that what they repeat is bounded is what `values` counts. */
class Conversion {
  readonly #document: Document;
  readonly #counter: LineCounter;
  readonly #isPython: boolean;
  readonly #lines = new Map<string, number>();
  readonly troubles: { readonly line: number; readonly trouble: InventoryTrouble }[] = [];
  #values = 0;

  constructor(document: Document, counter: LineCounter, { isPython }: Required<YamlOptions>) {
    this.#document = document;
    this.#counter = counter;
    this.#isPython = isPython;
  }

  get isTooMuch(): boolean {
    return this.#values > yamlLimits.values;
  }

  lineOf(path: ValuePath): number {
    for (let length = path.length; length > 0; length -= 1) {
      const line = this.#lines.get(keyOf(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return 1;
  }

  convert(node: unknown, path: ValuePath): unknown {
    this.#values += 1;
    if (this.isTooMuch) return undefined;
    if (path.length > yamlLimits.levels) {
      this.#complain(node, "It is nested too deeply");
      return undefined;
    }
    if (isAlias(node)) {
      const target = node.resolve(this.#document);
      if (target === undefined) this.#complain(node, `There is no anchor &${node.source} before it`);
      return this.convert(target ?? null, path);
    }
    if (isMap(node)) return this.#convertMap(node, path);
    if (isSeq(node)) {
      return node.items.map((item, index) => {
        this.#lines.set(keyOf([...path, index]), this.#lineAt(item));
        return this.convert(item, [...path, index]);
      });
    }
    return isScalar(node) ? node.value : null;
  }

  #convertMap(map: YAMLMap, path: ValuePath): Readonly<Record<string, unknown>> {
    const entries = new Map<string, unknown>();
    const merged: (readonly [string, unknown])[] = [];
    const where = path.join(".");
    for (const pair of map.items) {
      const line = this.#lineAt(pair.key);
      if (this.#isPython && isMergeKey(pair.key)) {
        merged.push(...this.#mergedEntries(pair.value, path));
        continue;
      }
      const key = isScalar(pair.key) ? pair.key.value : undefined;
      if (typeof key !== "string" || key === "__proto__") {
        const shown = isScalar(pair.key) ? (pair.key.source ?? String(key)) : "[…]";
        this.troubles.push({ line, trouble: { kind: "bad-key", where, key: shown } });
        continue;
      }
      const firstLine = this.#lines.get(keyOf([...path, key])) ?? line;
      if (entries.has(key))
        this.troubles.push({ line, trouble: { kind: "duplicate-key", where, key, firstLine } });
      else this.#lines.set(keyOf([...path, key]), line);
      entries.set(key, this.convert(pair.value, [...path, key]));
    }
    return Object.fromEntries([...merged, ...entries]);
  }

  /** What `<<` brings in: of several mappings the earlier ones win, and all that the mapping itself says. */
  #mergedEntries(node: unknown, path: ValuePath): readonly (readonly [string, unknown])[] {
    const value = this.convert(node, path);
    const mappings = Array.isArray(value) ? value.toReversed() : [value];
    return mappings.flatMap((mapping): readonly (readonly [string, unknown])[] => {
      if (typeof mapping === "object" && mapping !== null && !Array.isArray(mapping))
        return Object.entries(mapping as object);
      this.#complain(node, "Only mappings can be merged with <<");
      return [];
    });
  }

  #lineAt(node: unknown): number {
    return this.#counter.linePos((node as Node | null)?.range?.[0] ?? 0).line;
  }

  #complain(node: unknown, detail: string): void {
    this.troubles.push({ line: this.#lineAt(node), trouble: { kind: "unreadable", detail } });
  }
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.type === "PLAIN" && key.source === "<<";
}

function keyOf(path: ValuePath): string {
  return JSON.stringify(path);
}
