// Ansible's YAML inventories → groups, hosts and variables. Pure.

import type { InventoryProblem, InventoryTrouble } from "../model/inventory-problem.ts";
import { AnsibleData, mostHosts, type AnsibleVariables } from "./ansible-data.ts";
import type { AnsibleReading } from "./ansible-ini.ts";
import { readHostPattern } from "./host-pattern.ts";
import { nearestName } from "./nearest-name.ts";
import type { ValuePath, YamlDocument } from "./yaml-document.ts";

const groupKeys = ["hosts", "children", "vars"] as const;

/** Whether a document has the form of an Ansible inventory and not of our own: groups at the top, with nothing else. */
export function isAnsibleYaml(value: unknown): boolean {
  const top = asRecord(value) ?? {};
  if ("all" in top || "plugin" in top) return true;
  if (["store", "concurrency", "defaults", "groups", "hosts"].some((key) => key in top)) return false;
  const groups = Object.values(top).filter((group) => group !== null);
  return (
    groups.length > 0 &&
    groups.every((group) => {
      const keys = Object.keys(asRecord(group) ?? {});
      return keys.length > 0 && keys.every((key) => groupKeys.some((known) => known === key));
    })
  );
}

/** Reads an Ansible inventory from a YAML document. Never throws. */
export function readAnsibleYaml(document: YamlDocument, file: string): AnsibleReading {
  const reader = new Reader(document, file);
  for (const [name, group] of reader.mapping(document.value, [])) reader.addGroup(name, group, [name]);
  const { data, problems } = reader;
  return { data, problems: [...document.problems, ...problems] };
}

/** One walk through groups in groups. */
class Reader {
  readonly data = new AnsibleData();
  readonly problems: InventoryProblem[] = [];
  readonly #document: YamlDocument;
  readonly #file: string;

  constructor(document: YamlDocument, file: string) {
    this.#document = document;
    this.#file = file;
  }

  addGroup(name: string, value: unknown, path: ValuePath): void {
    const group = this.data.group(name, this.#document.lineOf(path));
    for (const [key, part] of this.mapping(value, path)) {
      const inner = [...path, key];
      switch (key) {
        case "hosts":
          for (const [pattern, variables] of this.mapping(part, inner))
            this.#addHosts(name, variables, [...inner, pattern]);
          break;
        case "children":
          for (const [child, body] of this.mapping(part, inner)) {
            group.children.set(child, this.#document.lineOf([...inner, child]));
            this.addGroup(child, body, [...inner, child]);
          }
          break;
        case "vars":
          for (const [variable, content] of this.#variables(part, inner))
            group.variables.set(variable, content);
          break;
        default:
          this.#complain(inner, {
            kind: "unknown-key",
            where: path.join("."),
            key,
            nearest: nearestName(key, groupKeys),
            known: groupKeys,
          });
      }
    }
  }

  /** The entries of a mapping; a text alone is a mapping of nothing to it, as Ansible takes it. */
  mapping(value: unknown, path: ValuePath): readonly (readonly [string, unknown])[] {
    if (value === null || value === undefined) return [];
    if (typeof value === "string" && value !== "") return [[value, null]];
    const entries = asRecord(value);
    if (entries !== undefined) return Object.entries(entries);
    const text = Array.isArray(value) ? "a list" : JSON.stringify(value);
    this.#complain(path, { kind: "bad-value", where: path.join("."), text, meaning: "a mapping" });
    return [];
  }

  #variables(value: unknown, path: ValuePath): AnsibleVariables {
    const entries = this.mapping(value, path);
    return new Map(
      entries.map(([name, content]) => [
        name,
        { value: content, line: this.#document.lineOf([...path, name]) },
      ]),
    );
  }

  #addHosts(group: string, value: unknown, path: ValuePath): void {
    const pattern = String(path.at(-1));
    const variables = this.#variables(value, path);
    const found = readHostPattern(pattern);
    if (found === undefined || this.data.hosts.size + found.names.length > mostHosts) {
      this.#complain(path, { kind: "bad-name", what: "host", name: pattern });
      return;
    }
    for (const name of found.names) {
      this.data.group(group).hosts.add(name);
      const host = this.data.host(name, this.#document.lineOf(path), found.port);
      for (const [key, variable] of variables) host.variables.set(key, variable);
    }
  }

  #complain(path: ValuePath, trouble: InventoryTrouble): void {
    this.problems.push({ file: this.#file, line: this.#document.lineOf(path), trouble });
  }
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
