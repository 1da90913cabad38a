// Hosts that were named, and what was found on them → the text of an inventory for people to go on with. Pure.
//
// The names of VMs come from the hosts and may be anything: what is a comment stays one, and what is meant to become YAML
// when its `#` is taken away is YAML then.

import { Document, isMap, type ParsedNode, type Scalar } from "yaml";
import type { DraftHost } from "./draft-host.ts";

/** All that is written down. */
export interface InventoryDraft {
  /** Where the JSON Schema is, seen from the file. */
  readonly schema: string;
  /** Lines for the head of the file. */
  readonly remarks: readonly string[];
  readonly defaults: { readonly uri?: string; readonly sudo?: true };
  readonly hosts: readonly NotedHost[];
}

/** A host, and what its reader should know. */
export interface NotedHost extends DraftHost {
  readonly remarks: readonly string[];
  /** VMs that could be left out, and why. */
  readonly refused: readonly { readonly vm: string; readonly why: string }[];
}

/** The text, which the reader of inventories takes. */
export function inventoryText({ schema, remarks, defaults, hosts }: InventoryDraft): string {
  const entries = hosts.map(({ name, entry }) => [name, isEmpty(entry) ? null : entry] as const);
  const top = new Map<string, unknown>([
    ...(isEmpty(defaults) ? [] : [["defaults", defaults] as const]),
    ["hosts", new Map(entries)],
  ]);
  const document = new Document(top);
  document.commentBefore = comment([`yaml-language-server: $schema=${schema}`, ...remarks]);
  const map = document.get("hosts");
  if (!isMap<Scalar, ParsedNode>(map)) throw new Error("An inventory without hosts");
  for (const [index, { key, value }] of map.items.entries()) {
    const host = hosts[index];
    if (host === undefined || value === null) continue;
    key.spaceBefore = index > 0;
    if (host.remarks.length > 0) key.commentBefore = comment(host.remarks);
    if (host.refused.length > 0) value.comment = comment(exclusion(host.refused));
  }
  return document.toString({ nullStr: "", lineWidth: 0 });
}

/** What leaves the VMs out once the `#` is taken away. */
function exclusion(refused: NotedHost["refused"]): readonly string[] {
  const items = refused.map(({ vm, why }) => `    - ${quotedPattern(vm)} # ${why}`);
  return ["vms:", "  exclude:", ...items];
}

/** A pattern that only this name fits, on one line whatever is in it: what JSON may leave as it is, YAML may not. */
function quotedPattern(vm: string): string {
  const pattern = JSON.stringify(vm.replaceAll(/[\\*?]/g, String.raw`\$&`));
  return pattern.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\U${code.toString(16).padStart(8, "0")}`;
  });
}

function comment(lines: readonly string[]): string {
  return lines.map((line) => (line === "" ? "" : ` ${oneLine(line)}`)).join("\n");
}

/** Nothing that could end a comment, or that YAML does not allow at all. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ");
}

function isEmpty(entry: object): boolean {
  return Object.keys(entry).length === 0;
}
