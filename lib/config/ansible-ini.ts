// Ansible's INI inventories → groups, hosts and variables. Pure. The format is Ansible's own: no INI library reads host
// lines with variables, ranges, or `[group:children]`.

import type { InventoryProblem, InventoryTrouble } from "../model/inventory-problem.ts";
import { AnsibleData, mostHosts, type AnsibleVariables } from "./ansible-data.ts";
import { expandRange } from "./expand-range.ts";
import { nearestName } from "./nearest-name.ts";
import { splitWords } from "./split-words.ts";

/** A data set and what is wrong with it. */
export interface AnsibleReading {
  readonly data: AnsibleData;
  readonly problems: readonly InventoryProblem[];
}

type SectionKind = "hosts" | "children" | "vars";

interface Section {
  readonly group: string;
  readonly kind: SectionKind;
}

/** Reads an INI inventory. Never throws. */
export function readAnsibleIni(text: string, file: string): AnsibleReading {
  const data = new AnsibleData();
  const problems: InventoryProblem[] = [];
  /** Groups that other sections name, and where. */
  const named = new Map<string, number>();
  let section: Section | undefined = { group: "ungrouped", kind: "hosts" };
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  for (const [index, raw] of lines.entries()) {
    const line = index + 1;
    const content = raw.trim();
    if (content === "" || /^[#;]/.test(content)) continue;
    const complain = (trouble: InventoryTrouble): void => void problems.push({ file, line, trouble });
    const header = /^\[(.*)\](?:\s*#.*)?$/.exec(content)?.[1];
    if (header !== undefined) {
      section = openSection(header);
      if (section === undefined) complain({ kind: "unreadable", detail: `[${header}] is no section` });
      else if (section.kind === "vars") named.set(section.group, named.get(section.group) ?? line);
      else data.group(section.group, line);
    } else if (section !== undefined) {
      const trouble = readLine(content, { data, section, line, named });
      if (trouble !== undefined) complain(trouble);
    }
    if (data.hosts.size > mostHosts) {
      complain({ kind: "too-much", what: "hosts", limit: mostHosts });
      break;
    }
  }
  const defined = [...data.groups].filter(([, group]) => group.line !== undefined).map(([name]) => name);
  const known = [...defined, "all", "ungrouped"];
  for (const [name, line] of named) {
    if (!known.includes(name))
      problems.push({
        file,
        line,
        trouble: { kind: "unknown-group", name, nearest: nearestName(name, known) },
      });
  }
  return { data, problems: problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)) };
}

function openSection(header: string): Section | undefined {
  const [, group, kind = "hosts"] = /^([^:\]\s]+)(?::(hosts|children|vars))?$/.exec(header.trim()) ?? [];
  return group === undefined ? undefined : { group, kind: kind as SectionKind };
}

interface LineContext {
  readonly data: AnsibleData;
  readonly section: Section;
  readonly line: number;
  readonly named: Map<string, number>;
}

function readLine(content: string, context: LineContext): InventoryTrouble | undefined {
  switch (context.section.kind) {
    case "hosts":
      return readHosts(content, context);
    case "children": {
      const child = /^([^:\]\s]+)\s*(?:#.*)?$/.exec(content)?.[1];
      if (child === undefined) return { kind: "unreadable", detail: `${content} is no name of a group` };
      context.data.group(context.section.group).children.set(child, context.line);
      context.named.set(child, context.named.get(child) ?? context.line);
      return undefined;
    }
    case "vars": {
      const [, name, value] = /^([^=\s]+)\s*=\s*(.*)$/s.exec(content) ?? [];
      if (name === undefined || value === undefined)
        return { kind: "unreadable", detail: `${content} sets no variable: write name=value` };
      context.data
        .group(context.section.group)
        .variables.set(name, { value: literal(value), line: context.line });
      return undefined;
    }
  }
}

function readHosts(content: string, { data, section, line }: LineContext): InventoryTrouble | undefined {
  const words = splitWords(content);
  const [pattern, ...assignments] = words ?? [];
  if (pattern === undefined) return { kind: "unreadable", detail: `${content}: a quote is not closed` };
  const variables: AnsibleVariables = new Map();
  const { hosts, port } = splitPort(pattern);
  if (port !== undefined) variables.set("ansible_port", { value: Number(port), line });
  for (const assignment of assignments) {
    const [, name, value = ""] = /^([^=]+)=(.*)$/s.exec(assignment) ?? [];
    if (name === undefined)
      return { kind: "unreadable", detail: `${assignment} sets no variable: write name=value` };
    variables.set(name, { value: literal(value), line });
  }
  const names = expandRange(hosts);
  if (names === undefined)
    return { kind: "unreadable", detail: `${pattern} is no range of at most ${mostHosts} hosts` };
  for (const name of names) {
    data.group(section.group).hosts.add(name);
    for (const [key, variable] of variables) data.host(name, line).variables.set(key, variable);
    data.host(name, line);
  }
  return undefined;
}

/** `host:2222` and `[fd00::1]:22`; an IPv6 address without brackets has no port, and a range's colon is none. */
function splitPort(pattern: string): { readonly hosts: string; readonly port: string | undefined } {
  const [, address, bracketPort] =
    /^\[([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)\](?::(\d+))?$/.exec(pattern) ?? [];
  if (address !== undefined && !/^\d*:\d+:\d+$/.test(address)) return { hosts: address, port: bracketPort };
  const [, hosts, port] = /^((?:[^:[\]]|\[[^\]]*\])+):(\d+)$/.exec(pattern) ?? [];
  return { hosts: hosts ?? pattern, port };
}

/** A value as Ansible takes it: numbers, True, False, None and quoted texts are what Python calls so. */
function literal(text: string): unknown {
  const quoted = /^(["'])(.*)\1$/s.exec(text);
  if (quoted?.[2] !== undefined && !quoted[2].includes(quoted[1] ?? "")) return quoted[2];
  if (/^-?(?:0|[1-9]\d{0,14})$/.test(text)) return Number(text);
  return text === "True" ? true : text === "False" ? false : text === "None" ? null : text;
}
