// Where lines go: bars and lines on a terminal, timestamped lines elsewhere. The only writer to the console.

import type { TimedEvent } from "../model/event.ts";
import { logLine, type LogLine } from "../report/log-lines.ts";
import { progressBars, type ProgressBars } from "../report/progress-bars.ts";

/** What the console shall show. */
export interface ConsoleOptions {
  readonly isQuiet: boolean;
  readonly isVerbose: boolean;
  readonly isColorOff: boolean;
}

/** Shows events as they happen. Standard output gets only results; progress and log go to standard error. */
export interface RunConsole {
  show(event: TimedEvent): void;
  /** Ends the bars; the terminal is as before. */
  stop(): void;
}

/** A console on this process's standard error. */
export function openConsole(options: ConsoleOptions): RunConsole {
  const terminal = process.stderr;
  const bars = terminal.isTTY && !options.isQuiet ? progressBars(terminal) : undefined;
  const isPlain = options.isColorOff || !terminal.isTTY;
  const write = (line: string): void => {
    if (bars === undefined) console.error(line);
    else bars.log(line);
  };
  return {
    show: (event) => {
      showEvent(event, { options, bars, isPlain, write });
    },
    stop: () => bars?.stop(),
  };
}

function showEvent(
  event: TimedEvent,
  context: {
    readonly options: ConsoleOptions;
    readonly bars: ProgressBars | undefined;
    readonly isPlain: boolean;
    readonly write: (line: string) => void;
  },
): void {
  const line = logLine(event);
  if (line !== undefined && isWanted(line, context.options)) context.write(dress(line, event, context));
  context.bars?.update(event);
}

function isWanted(line: LogLine, options: ConsoleOptions): boolean {
  if (line.level === "debug") return options.isVerbose;
  return line.level !== "info" || !options.isQuiet;
}

const colors = { debug: "\u001b[2m", info: "", warning: "\u001b[33m", error: "\u001b[31m" } as const;
const labels = { debug: "", info: "", warning: "WARNING: ", error: "ERROR: " } as const;

function dress(
  line: LogLine,
  event: TimedEvent,
  context: { readonly bars: unknown; readonly isPlain: boolean },
): string {
  const time = event.at.toISOString();
  const stamp = context.bars === undefined ? `${time.slice(0, 19)}Z` : time.slice(11, 19);
  const text = `${stamp} ${labels[line.level]}${line.text}`;
  return context.isPlain || colors[line.level] === "" ? text : `${colors[line.level]}${text}\u001b[0m`;
}
