// The three runtimes virtfold runs on, and how each is called. End-to-end tests use this to start the
// command-line programs under each of them.

import { fileURLToPath } from "node:url";

export const runtimeNames = ["node", "bun", "deno"] as const;
export type RuntimeName = (typeof runtimeNames)[number];

/** A program and its first arguments. */
export type Argv = readonly [program: string, ...args: string[]];

const fromTop = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

// scripts/setup.mjs puts these in place.
const bun = fromTop("node_modules/.bin/bun");
const deno = fromTop("node_modules/deno/deno");

// Nothing may write into the tree, fetch packages or read `.env` by itself.
const bunFlags = ["--no-env-file", "--no-install"] as const;
const denoFlags = ["--allow-all", "--no-check", "--no-lock", "--node-modules-dir=manual"] as const;

/** The runtime this process runs on. */
export function currentRuntime(): RuntimeName {
  if ("bun" in process.versions) return "bun";
  return "deno" in process.versions ? "deno" : "node";
}

/** What to put before a TypeScript file and its arguments to run it, from any folder. */
export function scriptCommand(runtime: RuntimeName): Argv {
  switch (runtime) {
    case "node":
      return [nodeProgram(), "--import", import.meta.resolve("tsx")];
    case "bun":
      return [bun, ...bunFlags, "run"];
    case "deno":
      return [deno, "run", ...denoFlags];
  }
}

export interface TestRunOptions {
  /** Files, absolute or relative to the top of the repository. */
  readonly files: readonly string[];
  /** Whether Node finds JavaScript there and needs no tsx (bundle-tests.ts). */
  readonly bundled?: boolean;
  /** How long one test may take, where the runner can watch that; on Node also one file. */
  readonly testLimitSeconds: number;
  /** How many files run at once, each in a process of its own, where the runner can. */
  readonly concurrency: number;
  /** Where Node writes its TAP report. */
  readonly tapFile: string;
}

/** The command that runs test files, from the top of the repository. */
export function testCommand(runtime: RuntimeName, options: TestRunOptions): Argv {
  const limit = options.testLimitSeconds * 1000;
  switch (runtime) {
    case "node":
      return [
        ...(options.bundled === true ? bundleCommand() : scriptCommand("node")),
        ...["--test-reporter=spec", "--test-reporter-destination=stdout"],
        ...["--test-reporter=tap", `--test-reporter-destination=${options.tapFile}`],
        ...["--test", `--test-concurrency=${options.concurrency}`, `--test-timeout=${limit}`],
        ...options.files,
      ];
    case "bun":
      // Without ./ Bun takes the path for a pattern.
      return [bun, "test", ...bunFlags, `--timeout=${limit}`, ...options.files.map((file) => `./${file}`)];
    case "deno":
      return [deno, "test", ...denoFlags, ...options.files];
  }
}

/** The environment for a runtime that is started from here: no colours, no prompts, and not part of our own test run. */
export function runtimeEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _color, NODE_TEST_CONTEXT: _context, ...rest } = environment;
  return { ...rest, NO_COLOR: "1", DENO_NO_PROMPT: "1", DENO_NO_UPDATE_CHECK: "1" };
}

function bundleCommand(): Argv {
  return [nodeProgram(), "--enable-source-maps"];
}

function nodeProgram(): string {
  return currentRuntime() === "node" ? process.execPath : "node";
}
