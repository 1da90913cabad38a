// A table without lines, for terminals and mails alike. The only user of cli-table3.

import Table from "cli-table3";
import { harmless } from "./wording.ts";

/** Rows under headings, a line for each, columns two spaces apart; cells are made harmless to a terminal. A row may be short. */
export function plainTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: [...head],
    chars: borderless,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2 },
  });
  // Of a row that is short it would make two lines.
  table.push(...rows.map((row) => head.map((_, column) => harmless(row[column] ?? ""))));
  const lines = table.toString().split("\n");
  return lines.map((line) => line.trimEnd()).join("\n");
}

const sides = ["top", "bottom", "left", "right"] as const;
const borderless = {
  ...Object.fromEntries(
    sides.flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`].map((name) => [name, ""])),
  ),
  mid: "",
  "mid-mid": "",
  middle: "",
};
