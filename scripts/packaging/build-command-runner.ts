// The small program that runs a laboratory's commands for tests (test/lab/small-process.ts), in one file without TypeScript.

import { join } from "node:path";
import { build } from "./bundler.ts";
import { commandRunner } from "./program-places.ts";

/** Builds `dist/runner/command-runner.cjs` and returns its path. */
export async function buildCommandRunner(top: string): Promise<string> {
  await build({
    absWorkingDir: top,
    entryPoints: ["test/lab/command-runner.ts"],
    outfile: commandRunner,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    logLevel: "error",
  });
  return join(top, commandRunner);
}
