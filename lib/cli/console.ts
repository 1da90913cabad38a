// Where lines go: objects for programs on standard output; for people bars and lines on a terminal, timestamped lines elsewhere. The only writer to the console.

import type { TimedEvent } from "../model/event.ts";
import { jsonEvent } from "../report/json-event.ts";
import { logLine, type LogLine } from "../report/log-lines.ts";
import { progressBars, type ProgressBars } from "../report/progress-bars.ts";
import { canDrawBars } from "./can-draw-bars.ts";

/** What the console shall show. */
export interface ConsoleOptions {
  readonly isQuiet: boolean;
  readonly isVerbose: boolean;
  readonly isColorOff: boolean;
  /** Whether events go to standard output as well, one JSON object per line. */
  readonly isJson?: boolean;
}

/** Shows events as they happen. Standard output gets only results; progress and log go to standard error. */
export interface RunConsole {
  show(event: TimedEvent): void;
  /** A line for programs, where that was asked for. */
  print(line: { readonly kind: string }): void;
  /** Ends the bars; the terminal is as before. */
  stop(): void;
}

/** A console on this process's standard error. */
export function openConsole(options: ConsoleOptions): RunConsole {
  const bars = canDrawBars(options) ? progressBars(process.stderr) : undefined;
  const write = lineWriter(options, bars);
  const print: RunConsole["print"] = (line) => {
    if (options.isJson === true) console.log(JSON.stringify(line));
  };
  return {
    print,
    show: (event) => {
      print(jsonEvent(event));
      const line = logLine(event);
      if (line !== undefined) write(line, event.at);
      bars?.update(event);
    },
    stop: () => bars?.stop(),
  };
}

/** Writes the lines that are wanted to this process's standard error, above the bars where there are any. */
export function lineWriter(
  options: ConsoleOptions,
  bars?: Pick<ProgressBars, "log">,
): (line: LogLine, at: Date) => void {
  const isPlain = options.isColorOff || !process.stderr.isTTY;
  return (line, at) => {
    if (!isWanted(line, options)) return;
    const time = at.toISOString();
    const stamp = bars === undefined ? `${time.slice(0, 19)}Z` : time.slice(11, 19);
    const text = `${stamp} ${labels[line.level]}${line.text}`;
    const dressed = isPlain || colors[line.level] === "" ? text : `${colors[line.level]}${text}\u001b[0m`;
    if (bars === undefined) console.error(dressed);
    else bars.log(dressed);
  };
}

function isWanted(line: LogLine, options: ConsoleOptions): boolean {
  if (line.level === "debug") return options.isVerbose;
  return line.level !== "info" || !options.isQuiet;
}

const colors = { debug: "\u001b[2m", info: "", warning: "\u001b[33m", error: "\u001b[31m" } as const;
const labels = { debug: "", info: "", warning: "WARNING: ", error: "ERROR: " } as const;
