// A terminal that only remembers what is to be seen on it: enough of one for progress bars.

import { Writable } from "node:stream";

/** A terminal and what it shows. */
export interface Screen {
  readonly terminal: NodeJS.WriteStream;
  /** The lines that are not empty, without spaces at their ends. */
  lines(): readonly string[];
  /** At which column (from 0) of the nth of these lines the text begins; -1 when it is not there. */
  columnOf(line: number, text: string): number;
  /** Whether text is wrapped at the edge, and the cursor shown: how the terminal is left. */
  isAsBefore(): boolean;
}

interface State {
  readonly rows: string[][];
  row: number;
  column: number;
  wraps: boolean;
  showsCursor: boolean;
}

/** A terminal of this many columns; it has as many rows as are written, and says it has `rows`. */
export function makeScreen(columns: number, rows: number): Screen {
  const state: State = { rows: [[]], row: 0, column: 0, wraps: true, showsCursor: true };
  const stream = new Writable({
    decodeStrings: false,
    write: (text, _encoding, done) => {
      // oxlint-disable-next-line no-control-regex -- escape sequences are what a terminal reads
      for (const [token] of String(text).matchAll(/\u001b\[[?\d;]*[A-Za-z]|[^]/gu))
        take(state, token, columns);
      done();
    },
  });
  const terminal = Object.assign(stream, { isTTY: true, columns, rows }) as unknown as NodeJS.WriteStream;
  return {
    terminal,
    lines: () => state.rows.map((row) => spell(row).trimEnd()).filter((line) => line !== ""),
    columnOf: (line, text) =>
      (state.rows.filter((row) => spell(row).trim() !== "")[line] ?? []).findIndex(
        (_, column, row) => row[column] !== "" && spell(row.slice(column)).startsWith(text),
      ),
    isAsBefore: () => state.wraps && state.showsCursor,
  };
}

function take(state: State, token: string, columns: number): void {
  if (token === "\n") [state.row, state.column] = [state.row + 1, 0];
  else if (token === "\r") state.column = 0;
  else if (token.startsWith("\u001b[")) obey(state, token);
  else print(state, token, columns);
  while (state.rows.length <= state.row) state.rows.push([]);
}

function print(state: State, letter: string, columns: number): void {
  const width = widthOf(letter);
  if (state.column + width > columns && state.wraps) [state.row, state.column] = [state.row + 1, 0];
  const row = (state.rows[state.row] ??= []);
  const column = Math.min(state.column, columns - width);
  row[column] = letter;
  // The right half of a wide letter.
  if (width === 2) row[column + 1] = "";
  state.column = Math.min(state.column + width, columns);
}

/** Enough for a test: letters of these scripts take two columns. */
function widthOf(letter: string): 1 | 2 {
  return /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}ー]/u.test(letter) ? 2 : 1;
}

function obey(state: State, sequence: string): void {
  // oxlint-disable-next-line no-control-regex -- as above
  const [, argument = "", verb = ""] = /^\u001b\[(.*)(.)$/.exec(sequence) ?? [];
  const count = Number(argument === "" ? 1 : argument);
  switch (`${argument.startsWith("?") ? argument : ""}${verb}`) {
    case "A":
      return void (state.row = Math.max(0, state.row - count));
    case "B":
      return void (state.row += count);
    case "G":
      return void (state.column = count - 1);
    case "J":
      state.rows.splice(state.row + 1);
      return void (state.rows[state.row] ?? []).splice(state.column);
    case "K":
      return clearLine(state, argument);
    case "?7h":
    case "?7l":
      return void (state.wraps = verb === "h");
    case "?25h":
    case "?25l":
      return void (state.showsCursor = verb === "h");
    default:
      throw new Error(`This terminal does not know ${JSON.stringify(sequence)}`);
  }
}

function clearLine({ rows, row, column }: State, argument: string): void {
  if (argument === "2") rows[row] = [];
  else rows[row]?.splice(column);
}

function spell(row: readonly (string | undefined)[]): string {
  return Array.from(row, (letter) => letter ?? " ").join("");
}
