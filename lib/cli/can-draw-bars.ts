// Whether bars can be drawn on standard error.

import { isTerminalDumb } from "../config/load.ts";

/** What standard output and standard error are. */
export interface Outputs {
  readonly isStdoutTerminal: boolean;
  readonly isStderrTerminal: boolean;
  /** Whether the terminal can only show one line after the other. */
  readonly isDumb: boolean;
}

/** What was asked for. */
export interface BarWishes {
  readonly isQuiet: boolean;
  /** Whether objects for programs go to standard output. */
  readonly isJson?: boolean;
}

/** Not where they were not wanted, nor over objects that go to the same terminal. */
export function canDrawBars(
  { isQuiet, isJson }: BarWishes,
  { isStdoutTerminal, isStderrTerminal, isDumb }: Outputs = ours(),
): boolean {
  const isShared = isJson === true && isStdoutTerminal;
  return isStderrTerminal && !isDumb && !isShared && !isQuiet;
}

function ours(): Outputs {
  const [isStdoutTerminal, isStderrTerminal] = [process.stdout.isTTY, process.stderr.isTTY];
  return { isStdoutTerminal, isStderrTerminal, isDumb: isTerminalDumb() };
}
