// Results → the table of the matrix, its legend, and a last line with counts. Pure.

import type { Fault } from "../fault.ts";
import type { Point } from "../points.ts";
import type { Cell, CellResult } from "../cell.ts";
import type { ExcludedCell } from "./all-cells.ts";

/** What came of a cell that was run. */
export type CellEnd = CellResult | "wrong";

/** What the table shows. */
export interface FaultResults {
  readonly faults: readonly Fault[];
  readonly points: readonly Point[];
  readonly results: ReadonlyMap<Pick<Cell, "fault" | "point">, CellEnd>;
  readonly excluded: readonly ExcludedCell[];
}

const signs = { good: "✓", restored: "↺", recovered: "R", wrong: "✗" } as const satisfies Record<
  CellEnd,
  string
>;

/** The whole text, under 200 columns wide. */
export function faultTable({ faults, points, results, excluded }: FaultResults): string {
  const signOf = (fault: Fault, point: Point): string => {
    const is = (cell: Pick<Cell, "fault" | "point">): boolean => cell.fault === fault && cell.point === point;
    const end = [...results].find(([cell]) => is(cell))?.[1];
    if (end !== undefined) return signs[end];
    return excluded.some(is) ? "·" : "-";
  };
  const width = Math.max(...points.map(({ name }) => name.length));
  const row = (head: string, cells: readonly string[]): string =>
    `${head.padEnd(width)} ${cells.map((cell) => cell.padStart(6)).join("")}`.trimEnd();
  return [
    row(
      "",
      faults.map(({ label }) => label),
    ),
    ...points.map((point) =>
      row(
        point.name,
        faults.map((fault) => signOf(fault, point)),
      ),
    ),
    "",
    ...legend(faults, points, excluded),
    "",
    counts([...results.values()], excluded.length),
  ].join("\n");
}

function legend(
  faults: readonly Fault[],
  points: readonly Point[],
  excluded: readonly ExcludedCell[],
): readonly string[] {
  return [
    "✓ the backup is good   ↺ no backup, the host was restored   R restored once somebody recovered it   ✗ wrong",
    "· makes no sense   - not run",
    ...inLines(faults.map(({ label, name }) => `${label} ${name}`)),
    ...points.map(({ name, meaning }) => `${name}: ${meaning}`),
    ...[...new Set(excluded.map(({ fault, why }) => `· ${fault.label}: ${why}`))],
  ];
}

/** Joined, as many to a line as fit. */
function inLines(texts: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const text of texts) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + text.length < 116) lines[lines.length - 1] = `${last}, ${text}`;
    else lines.push(text);
  }
  return lines;
}

function counts(ends: readonly CellEnd[], excluded: number): string {
  const count = (end: CellEnd): number => ends.filter((one) => one === end).length;
  return (
    `Fault matrix: ${ends.length} cells: ${count("good")} backups good, ${count("restored")} hosts restored, ` +
    `${count("recovered")} recovered, ${count("wrong")} wrong; ${excluded} make no sense`
  );
}
