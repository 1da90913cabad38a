// Shows what a backup would do, for `virtfold plan` and `virtfold backup --dry-run`.

import { isColorOff } from "../config/load.ts";
import { planBackups } from "../fleet/plan-backups.ts";
import { listenForStop } from "../fleet/stop.ts";
import type { Event } from "../model/event.ts";
import { logLine } from "../report/log-lines.ts";
import { planDocument } from "../report/plan-document.ts";
import { planText } from "../report/plan-text.ts";
import type { Arguments } from "./arguments.ts";
import { lineWriter } from "./console.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { planExitCode } from "./plan-exit-code.ts";
import { readPlanRequest } from "./plan-request.ts";

/** Prints the plan for what the command line of `command` names; gives the exit code. */
export async function showPlan(
  command: string,
  args: Extract<Arguments, { kind: "run" }>,
): Promise<ExitCode> {
  const request = await readPlanRequest(command, args);
  const { quiet: isQuiet, verbose: isVerbose } = request.settings;
  const write = lineWriter({
    isVerbose,
    isQuiet,
    isColorOff: "color" in args.extra || isColorOff(),
  });
  const emit = (event: Event): void => {
    const line = event.kind === "stopping" ? stoppingLine(event.signal) : logLine(event);
    if (line !== undefined) write(line, new Date());
  };
  const stop = listenForStop(emit, () => process.exit(exitCodes.interrupted));
  const plan = await planBackups(request, { emit, signal: stop.signal }).finally(() => stop.release());
  console.log(request.settings.json ? planDocument(plan) : planText(plan, { isVerbose }));
  const exitCode = planExitCode(plan, { wasStopped: stop.signal.aborted });
  // What is not waited for any more would keep the process until its host has answered, or is given up.
  if (stop.signal.aborted) process.stdout.write("", () => process.exit(exitCode));
  return exitCode;
}

function stoppingLine(signal: string): { readonly level: "warning"; readonly text: string } {
  return { level: "warning", text: `${signal} received: asking no more hosts` };
}
