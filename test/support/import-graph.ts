// Which file imports what. Type-only imports count like any other: a rule about what may know of what is about
// types too.

import { isBuiltin } from "node:module";
import path from "node:path/posix";
import { parseSync } from "oxc-parser";

/** What one file imports. */
export interface FileImports {
  /** Files of the repository, relative to its top. */
  readonly files: readonly string[];
  /** Modules of the runtime, as written. */
  readonly builtins: readonly string[];
  /** Third-party modules, as written, such as `zx/core`. */
  readonly packages: readonly string[];
}

/** The imports of each file, by its path relative to the top of the repository. */
export type ImportGraph = ReadonlyMap<string, FileImports>;

/** Builds the graph from source texts by path. */
export function importGraph(sources: ReadonlyMap<string, string>): ImportGraph {
  return new Map([...sources].map(([file, text]) => [file, importsOf(file, text)]));
}

function importsOf(file: string, text: string): FileImports {
  const specifiers = specifiersIn(file, text);
  const isFile = (specifier: string): boolean => specifier.startsWith(".");
  return {
    files: specifiers.filter(isFile).map((specifier) => path.join(path.dirname(file), specifier)),
    builtins: specifiers.filter((specifier) => isBuiltin(specifier)),
    packages: specifiers.filter((specifier) => !isFile(specifier) && !isBuiltin(specifier)),
  };
}

/** What a file imports and exports from elsewhere, as written. That of a type by `import("…")` is refused by the linter. */
function specifiersIn(file: string, text: string): readonly string[] {
  const { module, errors } = parseSync(file, text);
  if (errors[0] !== undefined) throw new Error(`${file}: ${errors[0].message}`);
  const dynamic = module.dynamicImports.flatMap(({ moduleRequest: { start, end } }) => {
    const literal = /^(["'])(.*)\1$/s.exec(text.slice(start, end));
    return literal === null ? [] : [literal[2] ?? ""];
  });
  return [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest }) => (moduleRequest === null ? [] : [moduleRequest.value])),
    ),
    ...dynamic,
  ];
}

/** The package a module belongs to: `zx` for `zx/core`. */
export function packageOf(specifier: string): string {
  const [scope = "", name = ""] = specifier.split("/");
  return scope.startsWith("@") ? `${scope}/${name}` : scope;
}

/** One shortest way from a file to a file that `isGoal`, both included; undefined when there is none. */
export function pathTo(
  graph: ImportGraph,
  start: string,
  isGoal: (file: string) => boolean,
): readonly string[] | undefined {
  const ways: (readonly string[])[] = [[start]];
  const seen = new Set([start]);
  for (const way of ways) {
    const file = way.at(-1) ?? start;
    if (isGoal(file)) return way;
    for (const next of graph.get(file)?.files ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return undefined;
}

/** Import cycles, one for each file that is in one and has not been named by an earlier one. */
export function cyclesIn(graph: ImportGraph): readonly (readonly string[])[] {
  const cycles: (readonly string[])[] = [];
  const named = new Set<string>();
  for (const [file, { files }] of graph) {
    if (named.has(file)) continue;
    const back = files
      .map((next) => pathTo(graph, next, (goal) => goal === file))
      .find((way) => way !== undefined);
    if (back === undefined) continue;
    const cycle = [file, ...back];
    for (const member of cycle) named.add(member);
    cycles.push(cycle);
  }
  return cycles;
}
