// What a dynamic inventory answers to `--list`, and `ansible-inventory --list` prints → groups, hosts and variables. Pure.

import type { InventoryProblem } from "../model/inventory-problem.ts";
import { AnsibleData, mostHosts, type AnsibleVariables } from "./ansible-data.ts";
import type { AnsibleReading } from "./ansible-ini.ts";

/** Reads the answer; `file` is the script or inventory that it speaks of. Never throws. */
export function readAnsibleJson(text: string, file: string): AnsibleReading {
  const data = new AnsibleData();
  const problems: InventoryProblem[] = [];
  const complain = (where: string, detail: string): void =>
    void problems.push({
      file,
      line: undefined,
      trouble: { kind: "unreadable", detail: `${where} ${detail}` },
    });
  const answer = parseObject(text);
  if (answer === undefined) {
    complain("its answer to --list", "is no JSON object");
    return { data, problems };
  }
  const hostVariables = asObject(asObject(answer["_meta"])?.["hostvars"]);
  if (hostVariables === undefined)
    complain(
      "its answer to --list",
      "has no _meta.hostvars: scripts that must be asked with --host for each host are not supported",
    );
  for (const [name, value] of Object.entries(answer)) {
    if (name === "_meta") continue;
    const group = Array.isArray(value) ? { hosts: value } : asObject(value);
    const hosts = asNames(group?.["hosts"]);
    const children = asNames(group?.["children"]);
    const own = asObject(group?.["vars"] ?? {});
    if (group === undefined || hosts === undefined || children === undefined || own === undefined) {
      complain(
        `group ${JSON.stringify(name)}`,
        "is no list of hosts and no object of hosts, children and vars",
      );
      continue;
    }
    const into = data.group(name);
    for (const [key, variable] of toVariables(own)) into.variables.set(key, variable);
    for (const child of children) into.children.set(child, undefined);
    for (const host of hosts) {
      into.hosts.add(host);
      data.host(host);
    }
  }
  for (const [name, own] of Object.entries(hostVariables ?? {})) {
    // Variables of hosts that are in no group count for nothing, as with Ansible.
    const host = data.hosts.get(name);
    for (const [key, variable] of toVariables(asObject(own) ?? {})) host?.variables.set(key, variable);
  }
  if (data.hosts.size > mostHosts)
    problems.push({ file, line: undefined, trouble: { kind: "too-much", what: "hosts", limit: mostHosts } });
  return { data, problems };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

/** A list of names, which may be missing; undefined when it is something else. */
function asNames(value: unknown): readonly string[] | undefined {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return undefined;
  const names = value.filter((name): name is string => typeof name === "string");
  return names.length === value.length ? names : undefined;
}

function toVariables(values: Readonly<Record<string, unknown>>): AnsibleVariables {
  return new Map(
    Object.entries(values).map(([name, value]) => [name, { value: unmarked(value), line: undefined }]),
  );
}

/** A text that Ansible was told not to take for a template is still that text. */
function unmarked(value: unknown): unknown {
  const text = asObject(value)?.["__ansible_unsafe"];
  return typeof text === "string" ? text : value;
}
