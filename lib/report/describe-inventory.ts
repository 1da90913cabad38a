// What is wrong with an inventory → one line for each, with file and line in front so that editors and people find it.

import type { InventoryPlace, InventoryProblem, InventoryTrouble } from "../model/inventory-problem.ts";
import { unreachable } from "../model/unreachable.ts";
import { harmless, quoted, words } from "./wording.ts";

/** More are not read at once. */
const mostLines = 40;

/** The lines for an inventory that cannot be used. */
export function describeInventory(problems: readonly InventoryProblem[]): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const lines = problems
    .slice(0, mostLines)
    .map((problem) => `${placeText(problem)}: ${describe(problem.trouble)}`);
  const rest = problems.length > mostLines ? [`and ${problems.length - mostLines} more`] : [];
  return [
    `Cannot use the inventory (${count}). Correct it and run the command again:`,
    ...lines,
    ...rest,
  ].join("\n  ");
}

function placeText({ file, line }: InventoryPlace): string {
  return harmless(line === undefined ? file : `${file}:${line}`, Infinity);
}

function describe(trouble: InventoryTrouble): string {
  switch (trouble.kind) {
    case "unreadable":
      return harmless(trouble.detail);
    case "too-much":
      return `there is too much in it: more than ${trouble.limit} ${trouble.what}`;
    case "unknown-key":
      return `unknown key ${keyText(trouble)}. ${meant(trouble)}`;
    case "duplicate-key":
      return `key ${keyText(trouble)} is there twice, first in line ${trouble.firstLine}`;
    case "bad-key":
      return `key ${keyText(trouble)} is not a text. Put it in quotes if it is meant to be one`;
    case "bad-value":
      return `${trouble.where === "" ? "the file" : harmless(trouble.where)} cannot be ${harmless(trouble.text)}: ${trouble.meaning}`;
    case "bad-name":
      return trouble.what === "host"
        ? words`a host cannot be called ${trouble.name}: ssh takes letters, digits, ".", "_", "+" and "-", not first, or an IPv6 address`
        : words`a group or tag cannot be called ${trouble.name}: it takes letters, digits, ".", "_", "+", "-" and spaces, a letter or digit first`;
    case "duplicate-name":
      return words`${{ raw: trouble.what }} ${trouble.name} has its name from ${{ raw: placeText(trouble.first) }} already. Names of hosts and groups stand for one thing`;
    case "contradiction":
      return words`${{ raw: trouble.key }} is something else than in ${{ raw: placeText(trouble.first) }}`;
    case "unknown-group":
      return `there is no group ${quoted(trouble.name)}${trouble.nearest === undefined ? "" : `. Did you mean ${quoted(trouble.nearest)}?`}`;
    case "group-circle":
      return words`group ${trouble.name} is in itself`;
    default:
      return unreachable(trouble);
  }
}

function keyText({ where, key }: { readonly where: string; readonly key: string }): string {
  return where === "" ? quoted(key) : `${quoted(key)} in ${harmless(where)}`;
}

function meant({ nearest, known }: Extract<InventoryTrouble, { kind: "unknown-key" }>): string {
  return nearest === undefined ? `Known are ${known.join(", ")}` : `Did you mean ${quoted(nearest)}?`;
}
