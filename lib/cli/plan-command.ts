// `virtfold plan`: what a backup would do.

import { toolVersion } from "../config/tool.ts";
import { readArguments } from "./arguments.ts";
import type { ExitCode } from "./exit-codes.ts";
import { planShape } from "./plan-request.ts";
import { showPlan } from "./show-plan.ts";

/** Shows what a backup of what the command line names would do; changes nothing; gives the exit code. */
export async function planCommand(argv: readonly string[]): Promise<ExitCode> {
  const args = readArguments(planShape, toolVersion, argv);
  return args.kind === "end" ? args.exitCode : await showPlan("plan", args);
}
