// Ansible's groups, hosts and variables → an inventory. Pure. Variables have Ansible's precedence: those of a host before
// those of its groups, a group before the groups around it, and of two on a level the one of higher priority, then the later
// name.

import type { InventoryProblem } from "../model/inventory-problem.ts";
import type { AnsibleData, AnsibleVariables } from "./ansible-data.ts";
import { groupPriorities, settleUngrouped } from "./ansible-groups.ts";
import { ansibleEntry } from "./ansible-entry.ts";
import type { AnsibleReading } from "./ansible-ini.ts";
import { checkEntry } from "./check-entry.ts";
import { hostNamePattern } from "./host-name.ts";
import { inventoryHost } from "./host-levels.ts";
import { hostSchema } from "./inventory-schema.ts";
import type { InventoryHost, InventoryReading } from "./inventory.ts";

/** The inventory that an Ansible inventory stands for. */
export function ansibleInventory({ data, problems: before }: AnsibleReading, file: string): InventoryReading {
  const problems: InventoryProblem[] = [...before];
  settleUngrouped(data);
  const priorities = groupPriorities(data, (trouble, line) => problems.push({ file, line, trouble }));
  const depths = groupDepths(data, (name) =>
    problems.push({ file, line: data.groups.get(name)?.line, trouble: { kind: "group-circle", name } }),
  );
  const members = groupMembers(data, depths);
  const groupsOf = new Map<string, string[]>();
  for (const [group, hosts] of members)
    for (const host of hosts) groupsOf.set(host, [...(groupsOf.get(host) ?? []), group]);
  const byPrecedence = (a: string, b: string): number =>
    (depths.get(a) ?? 0) - (depths.get(b) ?? 0) ||
    (priorities.get(a) ?? 1) - (priorities.get(b) ?? 1) ||
    (a < b ? -1 : 1);
  const hosts: InventoryHost[] = [];
  for (const [name, { line, variables }] of data.hosts) {
    if (!hostNamePattern.test(name)) {
      problems.push({ file, line, trouble: { kind: "bad-name", what: "host", name } });
      continue;
    }
    const own = (groupsOf.get(name) ?? []).toSorted(byPrecedence);
    const merged: AnsibleVariables = new Map(
      own.flatMap((group) => [...(data.groups.get(group)?.variables ?? [])]),
    );
    for (const [key, variable] of variables) merged.set(key, variable);
    const { entry, lines, otherConnection } = ansibleEntry(merged);
    const checked = checkEntry(hostSchema, entry);
    if ("entry" in checked) {
      const host = inventoryHost(name, { file, line }, [checked.entry]);
      const { reach } = host;
      hosts.push(
        otherConnection === undefined ? host : { ...host, reach: { ...reach, connection: otherConnection } },
      );
    } else
      for (const { path, trouble } of checked.troubles)
        problems.push({ file, line: lines.get(String(path[0])) ?? line, trouble });
  }
  if (problems.length > 0) return { problems: distinct(problems) };
  return { inventory: { run: {}, runPlaces: new Map(), hosts, groups: members, defaults: {} } };
}

/** Deeper than anybody nests groups. */
const mostLevels = 100;

/** How far each group is from `all` at most. Tells of groups that are in themselves, or too deep to tell. */
function groupDepths(data: AnsibleData, onCircle: (name: string) => void): ReadonlyMap<string, number> {
  const depths = new Map<string, number>();
  const around = new Set<string>();
  const visit = (name: string): void => {
    if (around.has(name) || around.size > mostLevels) return onCircle(name);
    if ((depths.get(name) ?? -1) >= around.size) return;
    depths.set(name, around.size);
    around.add(name);
    for (const child of data.groups.get(name)?.children.keys() ?? []) visit(child);
    around.delete(name);
  };
  visit("all");
  around.add("all");
  for (const name of data.groups.keys()) if (name !== "all") visit(name);
  return depths;
}

/** The hosts of each group and the groups in it; deepest first, so that each group is looked at once. */
function groupMembers(
  data: AnsibleData,
  depths: ReadonlyMap<string, number>,
): ReadonlyMap<string, readonly string[]> {
  const members = new Map<string, readonly string[]>([["all", [...data.hosts.keys()]]]);
  const deepestFirst = [...data.groups].toSorted(([a], [b]) => (depths.get(b) ?? 0) - (depths.get(a) ?? 0));
  for (const [name, { hosts, children }] of deepestFirst) {
    if (name === "all") continue;
    const inner = [...children.keys()].flatMap((child) => members.get(child) ?? []);
    members.set(name, [...new Set([...hosts, ...inner])]);
  }
  return members;
}

/** A group's variable that cannot be used is told of once, and not for each of its hosts. */
function distinct(problems: readonly InventoryProblem[]): readonly InventoryProblem[] {
  const once = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return [...once.values()].toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
}
