// `virtfold init`: composes the parts and runs them.

import { isColorOff } from "../config/load.ts";
import { toolVersion } from "../config/tool.ts";
import { listenForStop } from "../fleet/stop.ts";
import type { Emit, Event } from "../model/event.ts";
import { BackupError } from "../model/failure.ts";
import { logLine } from "../report/log-lines.ts";
import { readArguments } from "./arguments.ts";
import { atTerminal } from "./ask-lines.ts";
import { lineWriter } from "./console.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { initialize } from "./initialize.ts";
import { initShape, readInitRequest, type InitRequest } from "./init-request.ts";

/** Writes an inventory and settings, or shows them; gives the exit code. */
export async function initCommand(argv: readonly string[]): Promise<ExitCode> {
  const args = readArguments(initShape, toolVersion, argv);
  if (args.kind === "end") return args.exitCode;
  const canAsk = process.stdin.isTTY && process.stderr.isTTY;
  const request = await readInitRequest(args, { canAsk });
  const isAsking = request.hosts.length === 0;
  const emit = emitter(request, { isAsking, isColorOff: "color" in args.extra || isColorOff() });
  const stop = listenForStop(emit, () => process.exit(exitCodes.interrupted));
  const person = isAsking ? atTerminal(stop.signal) : undefined;
  let exitCode: ExitCode;
  try {
    exitCode = await initialize(request, { emit, signal: stop.signal }, person);
  } catch (error) {
    if (!(error instanceof BackupError) || error.reason.kind !== "interrupted") throw error;
    console.error("Nothing was written");
    exitCode = exitCodes.interrupted;
  } finally {
    person?.leave();
    stop.release();
  }
  // What is not waited for any more would keep the process until its host has answered, or is given up.
  if (exitCode === exitCodes.interrupted) process.exit(exitCode);
  return exitCode;
}

function emitter(
  { isQuiet, isVerbose }: InitRequest,
  options: { readonly isAsking: boolean; readonly isColorOff: boolean },
): Emit<Event> {
  // Between questions the day is known.
  const write = lineWriter(
    { isQuiet, isVerbose, ...options },
    options.isAsking ? { log: (text) => console.error(text) } : undefined,
  );
  return (event) => {
    const line =
      event.kind === "stopping"
        ? ({ level: "warning", text: `${event.signal} received: asking no more hosts` } as const)
        : logLine(event);
    if (line !== undefined) write(line, new Date());
  };
}
