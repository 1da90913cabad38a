// What Ansible does with groups once all of them are read. Pure.

import type { InventoryTrouble } from "../model/inventory-problem.ts";
import type { AnsibleData } from "./ansible-data.ts";

/** In `ungrouped` are exactly the hosts that are in no other group, whatever a file says. */
export function settleUngrouped(data: AnsibleData): void {
  const grouped = new Set(
    [...data.groups].flatMap(([name, { hosts }]) => (["all", "ungrouped"].includes(name) ? [] : [...hosts])),
  );
  const lone = [...data.hosts.keys()].filter((name) => !grouped.has(name));
  const ungrouped = lone.length > 0 ? data.group("ungrouped").hosts : data.groups.get("ungrouped")?.hosts;
  ungrouped?.clear();
  for (const name of lone) ungrouped?.add(name);
}

/** The priority of each group that has one of its own; Ansible's is 1 elsewhere. Tells of what is none. */
export function groupPriorities(
  data: AnsibleData,
  onProblem: (trouble: InventoryTrouble, line: number | undefined) => void,
): ReadonlyMap<string, number> {
  const priorities = new Map<string, number>();
  for (const [name, { variables }] of data.groups) {
    const { value, line } = variables.get(variableName) ?? {};
    if (value === undefined || value === null) continue;
    const text = typeof value === "string" ? value : JSON.stringify(value);
    const number = /^\s*[-+]?\d{1,9}\s*$/.test(text) ? Number(text) : undefined;
    if (number !== undefined) priorities.set(name, number);
    else
      onProblem(
        { kind: "bad-value", where: variableName, text: JSON.stringify(value), meaning: "a whole number" },
        line,
      );
  }
  return priorities;
}

const variableName = "ansible_group_priority";
