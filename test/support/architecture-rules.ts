// The import rules as functions from a graph to sentences about what breaks them. The tables they are given are
// in test/architecture.test.ts.

import { cyclesIn, packageOf, pathTo } from "./import-graph.ts";
import type { ImportGraph } from "./import-graph.ts";

/** A path, or a folder with everything in it when it ends in `/`. */
export type Place = string;

/** What the files of a place may import, besides files of the same place. The longest place that fits counts. */
export type Directions = Readonly<Record<Place, readonly Place[]>>;

export interface PurityRule {
  /** Files that decide and never act. */
  readonly pure: readonly Place[];
  readonly except: readonly Place[];
  readonly builtins: readonly string[];
  readonly packages: readonly string[];
}

/** Files that import what the direction of imports does not allow, or that no row speaks of. */
export function wrongDirections(graph: ImportGraph, directions: Directions): readonly string[] {
  const places = Object.keys(directions).toSorted((a, b) => b.length - a.length);
  const placeOf = (file: string): Place | undefined => places.find((place) => isIn(file, place));
  return [...graph].flatMap(([file, { files }]) => {
    const place = placeOf(file);
    if (place === undefined) return [`${file} is in no row of the table of directions`];
    const isAllowed = (target: string): boolean =>
      placeOf(target) === place || isInAny(target, directions[place] ?? []);
    return files.filter((target) => !isAllowed(target)).map((target) => `${file} imports ${target}`);
  });
}

/** Pure files that can reach a module that acts on the world, with the way there. */
export function impurities(graph: ImportGraph, rule: PurityRule): readonly string[] {
  const effectsOf = (file: string): readonly string[] => [
    ...(graph.get(file)?.builtins ?? []).filter((name) => !rule.builtins.includes(name)),
    ...(graph.get(file)?.packages ?? []).filter((name) => !rule.packages.includes(packageOf(name))),
  ];
  const isPure = (file: string): boolean => isInAny(file, rule.pure) && !isInAny(file, rule.except);
  return [...graph.keys()].filter(isPure).flatMap((file) => {
    const way = pathTo(graph, file, (goal) => effectsOf(goal).length > 0);
    return way === undefined ? [] : [[...way, ...effectsOf(way.at(-1) ?? file).slice(0, 1)].join(" → ")];
  });
}

/** Third-party modules that are imported elsewhere than where they belong, or nowhere. */
export function strayPackages(
  graph: ImportGraph,
  owners: Readonly<Record<string, readonly string[]>>,
  dependencies: readonly string[],
): readonly string[] {
  const imported = [...graph].flatMap(([file, { packages }]) => packages.map((name) => ({ file, name })));
  return [
    ...imported
      .filter(({ file, name }) => owners[name]?.includes(file) !== true)
      .map(
        ({ file, name }) =>
          `${file} imports ${name}, which belongs in ${owners[name]?.join(", ") ?? "no file"}`,
      ),
    ...dependencies
      .filter((dependency) => !imported.some(({ name }) => packageOf(name) === dependency))
      .map((dependency) => `package.json names ${dependency}, which no file imports`),
  ];
}

/** Imports that go round in a circle. */
export function circles(graph: ImportGraph): readonly string[] {
  return cyclesIn(graph).map((cycle) => cycle.join(" → "));
}

/** Runtime modules without the `node:` prefix. */
export function unprefixedBuiltins(graph: ImportGraph): readonly string[] {
  return [...graph].flatMap(([file, { builtins }]) =>
    builtins
      .filter((name) => !name.startsWith("node:"))
      .map((name) => `${file} imports ${name} without node:`),
  );
}

/** Files with more lines than a reader should have to keep in mind. */
export function longFiles(sources: ReadonlyMap<string, string>, limit: number): readonly string[] {
  return [...sources]
    .map(([file, text]) => ({ file, lines: text.split("\n").length - (text.endsWith("\n") ? 1 : 0) }))
    .filter(({ lines }) => lines > limit)
    .map(({ file, lines }) => `${file} has ${lines} lines`);
}

/** Rows of a table that speak of no file. */
export function staleRows(files: Iterable<string>, places: readonly Place[]): readonly string[] {
  const all = [...files];
  return places.filter((place) => !all.some((file) => isIn(file, place)));
}

function isInAny(file: string, places: readonly Place[]): boolean {
  return places.some((place) => isIn(file, place));
}

function isIn(file: string, place: Place): boolean {
  return place.endsWith("/") ? file.startsWith(place) : file === place;
}
