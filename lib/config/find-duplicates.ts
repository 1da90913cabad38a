// Names in an inventory that are there twice: hosts in two groups, groups in two places, one name for both. Pure.

import type { InventoryProblem } from "../model/inventory-problem.ts";
import type { ValuePath, YamlDocument } from "./yaml-document.ts";

/** Every name after its first. Looks at values as they are, so that it can tell of these beside other errors. */
export function findDuplicates(document: YamlDocument, file: string): readonly InventoryProblem[] {
  const first = new Map<string, number>();
  const names = [...namesIn(document.value, [])];
  // Hosts before groups: a group that is called like a host is the one that is told of.
  return [
    ...names.filter(({ what }) => what === "host"),
    ...names.filter(({ what }) => what === "group"),
  ].flatMap(({ what, name, path }): readonly InventoryProblem[] => {
    const line = document.lineOf(path);
    const before = first.get(name);
    if (before === undefined) {
      first.set(name, line);
      return [];
    }
    return [{ file, line, trouble: { kind: "duplicate-name", what, name, first: { file, line: before } } }];
  });
}

interface Name {
  readonly what: "host" | "group";
  readonly name: string;
  readonly path: ValuePath;
}

function* namesIn(value: unknown, path: ValuePath): Generator<Name> {
  const { hosts, groups } = record(value);
  for (const name of Object.keys(record(hosts))) yield { what: "host", name, path: [...path, "hosts", name] };
  for (const [name, group] of Object.entries(record(groups))) {
    yield { what: "group", name, path: [...path, "groups", name] };
    yield* namesIn(group, [...path, "groups", name]);
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}
