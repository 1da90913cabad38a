// A value against its schema → everything that is wrong with it, in the project's own terms. Pure.

import type { InventoryTrouble } from "../model/inventory-problem.ts";
import type { Schema, SchemaIssue } from "./inventory-schema.ts";
import { nearestName } from "./nearest-name.ts";
import type { ValuePath } from "./yaml-document.ts";

/** Something wrong, and the way to it from the top of the value. */
export interface EntryTrouble {
  readonly path: ValuePath;
  readonly trouble: InventoryTrouble;
}

/** The value with its type, or everything that is wrong with it. */
export function checkEntry<Entry>(
  schema: Schema<Entry>,
  value: unknown,
): { readonly entry: Entry } | { readonly troubles: readonly EntryTrouble[] } {
  const reading = schema.safeParse(value);
  if (reading.success) return { entry: reading.data };
  const troubles = reading.error.issues.flatMap((issue) => toTroubles(schema, value, issue));
  // A value that has the wrong form is often out of bounds too, and is told of once.
  return { troubles: [...new Map(troubles.map((one) => [JSON.stringify(one), one])).values()] };
}

function toTroubles(schema: unknown, value: unknown, issue: SchemaIssue): readonly EntryTrouble[] {
  const path = issue.path.map((part) => (typeof part === "number" ? part : String(part)));
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(schemaAt(schema, path));
    return issue.keys.map((key) => {
      const trouble = { where: path.join("."), key, nearest: nearestName(key, known), known };
      return { path: [...path, key], trouble: { kind: "unknown-key", ...trouble } };
    });
  }
  if (issue.code === "invalid_key") return [{ path, trouble: badName(path) }];
  const text = show(valueAt(value, path));
  return [
    { path, trouble: { kind: "bad-value", where: path.join("."), text, meaning: meaningAt(schema, path) } },
  ];
}

function badName(path: ValuePath): InventoryTrouble {
  const [list, name] = [path.at(-2), String(path.at(-1))];
  if (list === "hosts" || list === "groups")
    return { kind: "bad-name", what: list === "hosts" ? "host" : "group", name };
  return { kind: "bad-key", where: path.slice(0, -1).join("."), key: name };
}

/** What all schemas have that this file looks into. */
interface SchemaParts {
  readonly shape?: Readonly<Record<string, unknown>>;
  readonly valueType?: unknown;
  readonly element?: unknown;
  readonly description?: string;
  unwrap?(): unknown;
}

/** The schema without "optional" and "or nothing". A list can be unwrapped too, but is a level of its own. */
function bare(schema: unknown): SchemaParts {
  let parts = schema as SchemaParts;
  while (parts.unwrap !== undefined && parts.element === undefined) parts = parts.unwrap() as SchemaParts;
  return parts;
}

function schemaAt(schema: unknown, path: ValuePath): SchemaParts {
  return path.reduce<SchemaParts>(
    (at, key) => bare(at.shape?.[key] ?? at.valueType ?? at.element ?? {}),
    bare(schema),
  );
}

function knownKeys(schema: SchemaParts): readonly string[] {
  return Object.keys(schema.shape ?? {});
}

/** What is said of the value, or of the list that it is in. */
function meaningAt(schema: unknown, path: ValuePath): string {
  for (let length = path.length; length >= Math.max(0, path.length - 1); length -= 1) {
    const parts = schemaAt(schema, path.slice(0, length));
    if (parts.description !== undefined) return parts.description;
    if (parts.shape !== undefined) return `a mapping of ${knownKeys(parts).join(", ")}`;
  }
  return "something else";
}

function valueAt(value: unknown, path: ValuePath): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === "object" && at !== null ? (at as Record<string | number, unknown>)[key] : undefined,
    value,
  );
}

function show(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a mapping";
  return value === null || value === undefined ? "nothing" : JSON.stringify(value);
}
