// A reader of JSON Schema that knows nothing of how ours was made.

/** What of a value a schema does not allow, as "path: trouble". A keyword that it does not know is trouble too. */
export function schemaTroubles(schema: unknown, value: unknown, path = "$"): readonly string[] {
  return Object.entries(schema as Record<string, unknown>).flatMap(([keyword, rule]) => {
    const check = keywords[keyword];
    if (check === undefined) return [`${path}: the schema has an unknown keyword ${keyword}`];
    return check({ rule, value, path, schema: schema as Record<string, unknown> });
  });
}

interface Case {
  readonly rule: unknown;
  readonly value: unknown;
  readonly path: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

type Check = (given: Case) => readonly string[];

const allowed: Check = () => [];

/** A check for values of one kind; others are allowed, as the standard says. */
function about<T>(isKind: (value: unknown) => value is T, holds: (value: T, rule: never) => boolean): Check {
  return ({ rule, value, path }) =>
    !isKind(value) || holds(value, rule as never)
      ? []
      : [`${path}: ${JSON.stringify(value)} is not ${JSON.stringify(rule)}`];
}

const isAnything = (value: unknown): value is unknown => value !== undefined;
const isText = (value: unknown): value is string => typeof value === "string";
const isNumber = (value: unknown): value is number => typeof value === "number";
const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const typeTests: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: isText,
  number: isNumber,
  integer: Number.isInteger,
  boolean: (value) => typeof value === "boolean",
  array: isList,
  object: isObject,
};

const keywords: Readonly<Record<string, Check>> = {
  $schema: allowed,
  title: allowed,
  description: allowed,
  format: allowed,
  type: about(isAnything, (value, rule: string) => typeTests[rule]?.(value) === true),
  const: about(isAnything, (value, rule: unknown) => value === rule),
  enum: about(isAnything, (value, rule: readonly unknown[]) => rule.includes(value)),
  pattern: about(isText, (value, rule: string) => new RegExp(rule, "u").test(value)),
  minLength: about(isText, (value, rule: number) => [...value].length >= rule),
  maxLength: about(isText, (value, rule: number) => [...value].length <= rule),
  minimum: about(isNumber, (value, rule: number) => value >= rule),
  maximum: about(isNumber, (value, rule: number) => value <= rule),
  minItems: about(isList, (value, rule: number) => value.length >= rule),
  maxItems: about(isList, (value, rule: number) => value.length <= rule),
  required: about(isObject, (value, rule: readonly string[]) => rule.every((name) => name in value)),
  // What no alternative allows is told by the one that comes nearest.
  anyOf: alternatives,
  oneOf: alternatives,
  items: ({ rule, value, path }) =>
    isList(value) ? value.flatMap((item, index) => schemaTroubles(rule, item, `${path}[${index}]`)) : [],
  properties: ({ rule, value, path }) =>
    isObject(value)
      ? Object.entries(rule as object).flatMap(([name, inner]) =>
          name in value ? schemaTroubles(inner, value[name], `${path}.${name}`) : [],
        )
      : [],
  propertyNames: ({ rule, value, path }) =>
    isObject(value)
      ? Object.keys(value).flatMap((name) => schemaTroubles(rule, name, `${path}.${name}`))
      : [],
  additionalProperties: ({ rule, value, path, schema }) =>
    isObject(value)
      ? additional(value, Object.keys(schema["properties"] ?? {})).flatMap(([name, inner]) =>
          rule === false
            ? [`${path}.${name}: is one too many`]
            : schemaTroubles(rule, inner, `${path}.${name}`),
        )
      : [],
};

function alternatives({ rule, value, path }: Case): readonly string[] {
  const all = (rule as readonly unknown[]).map((schema) => schemaTroubles(schema, value, path));
  return all.toSorted((one, other) => one.length - other.length)[0] ?? [`${path}: nothing is allowed`];
}

function additional(
  value: Readonly<Record<string, unknown>>,
  known: readonly string[],
): readonly (readonly [string, unknown])[] {
  return Object.entries(value).filter(([name]) => !known.includes(name));
}
