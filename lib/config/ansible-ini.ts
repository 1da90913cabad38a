// Ansible's INI inventories → groups, hosts and variables. Pure. The format is Ansible's own: no INI library reads host
// lines with variables, ranges, or `[group:children]`.

import type { InventoryProblem, InventoryTrouble } from "../model/inventory-problem.ts";
import { AnsibleData, mostHosts, type AnsibleVariables } from "./ansible-data.ts";
import { readHostPattern } from "./host-pattern.ts";
import { nearestName } from "./nearest-name.ts";
import { pythonLiteral } from "./python-literal.ts";
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
  const lines = text.replace(/^\uFEFF/, "").split(lineEnd);
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

/** What ends a line for Python. */
// oxlint-disable-next-line no-control-regex -- some of them are control characters
const lineEnd = /\r\n|[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/;

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
        .variables.set(name, { value: pythonLiteral(value), line: context.line });
      return undefined;
    }
  }
}

function readHosts(content: string, { data, section, line }: LineContext): InventoryTrouble | undefined {
  const words = splitWords(content);
  const [pattern, ...assignments] = words ?? [];
  if (pattern === undefined) return { kind: "unreadable", detail: `${content}: a quote is not closed` };
  const variables: AnsibleVariables = new Map();
  for (const assignment of assignments) {
    const [, name, value = ""] = /^([^=]+)=(.*)$/s.exec(assignment) ?? [];
    if (name === undefined)
      return { kind: "unreadable", detail: `${assignment} sets no variable: write name=value` };
    variables.set(name, { value: pythonLiteral(value), line });
  }
  const found = readHostPattern(pattern);
  if (found === undefined)
    return { kind: "unreadable", detail: `${pattern} is no range of at most ${mostHosts} hosts` };
  for (const name of found.names) {
    data.group(section.group).hosts.add(name);
    const host = data.host(name, line, found.port);
    for (const [key, variable] of variables) host.variables.set(key, variable);
  }
  return undefined;
}
