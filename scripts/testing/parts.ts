// The parts of `npm test` and `npm run check`: what each runs, how long it may take, how its end is judged.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { bundleTests } from "./bundle-tests.ts";
import { failedTests, failureLines } from "./failed-tests.ts";
import { writeBatches } from "./import-tests.ts";
import { judgeCheck, judgeRunner } from "./judge-run.ts";
import type { Verdict } from "./judge-run.ts";
import type { FinishedProcess } from "./run-process.ts";
import { readBun, readDeno, readTap } from "./runner-summary.ts";
import { testCommand } from "./runtimes.ts";
import { startersFirst } from "./test-files.ts";
import { fleetLab, testLabs } from "./test-labs.ts";
import type { Argv, RuntimeName, TestRunOptions } from "./runtimes.ts";

/** One thing to run. */
export interface Part {
  readonly name: string;
  readonly argv: Argv;
  readonly limitSeconds: number;
  /** Runs after all others and with nothing beside it, and shows its output as it comes. */
  readonly alone: boolean;
  /** How long it has to tidy up after an interruption. */
  readonly graceSeconds: number;
  readonly judge: (finished: FinishedProcess) => Promise<Verdict>;
  /** What removes that which it leaves on the machine; runs once it has begun, also when it was interrupted. */
  readonly cleaning?: readonly Part[];
}

/** Where checks keep what they know from the last run. */
const cache = "node_modules/.cache/virtfold";

/** Types, lint and format, the slowest first. The caches of types and format are exact. */
export function checkParts(): readonly Part[] {
  const check = (name: string, tool: string, flags: string): Part => ({
    name,
    argv: [`node_modules/.bin/${tool}`, ...flags.split(" ")],
    limitSeconds: 900,
    alone: false,
    graceSeconds: 2,
    judge: async (finished) => judgeCheck(finished),
  });
  const cached = `--cache --cache-strategy content --cache-location ${cache}/format`;
  return [
    check("format", "prettier", `. --check --log-level warn ${cached}`),
    check("lint", "oxlint", "--deny-warnings --report-unused-disable-directives-severity error"),
    check("types", "tsc", `--noEmit --incremental --tsBuildInfoFile ${cache}/types.json`),
  ];
}

/**
 * The tests that need nothing but the packages, on one runtime. Many of them wait for a child process most of the time, so
 * there may be more at once than there are cores: on Node in one part, elsewhere in two, whose runners have one after
 * the other.
 */
export async function unitParts(
  runtime: RuntimeName,
  files: readonly string[],
  workFolder: string,
): Promise<readonly Part[]> {
  const limits = { workFolder, alone: false, limitSeconds: 1200, testLimitSeconds: 1100 };
  const ordered = startersFirst(files);
  if (runtime === "node") {
    const concurrency = 3;
    const batches = await writeBatches(ordered, workFolder, concurrency);
    return [testPart("unit on node", runtime, { ...limits, files: batches, concurrency })];
  }
  const halves = await Promise.all(
    [0, 1].map(async (half) => {
      const ofHalf = ordered.filter((_, index) => index % 2 === half);
      const name = `unit on ${runtime} ${half + 1}`;
      if (ofHalf.length === 0) return [];
      // Deno loads every module anew for each test file; to import 40 together takes a third of the processor time. Bun
      // gains nothing by it.
      const run = runtime === "deno" ? await writeBatches(ofHalf, workFolder, 1) : ofHalf;
      return [testPart(name, runtime, { ...limits, files: run, concurrency: 1 })];
    }),
  );
  return halves.flat();
}

/** Tests that take their time, on Node: they wait most of it. */
export function faultsPart(name: string, files: readonly string[], workFolder: string): Part {
  return testPart(name, "node", {
    ...{ files, workFolder, alone: false, concurrency: 2 },
    limitSeconds: 3000,
    testLimitSeconds: 1500,
  });
}

/** The lab's own tests. The first may have to build the guest. An interruption has them take their labs down. */
export function labPart(name: string, files: readonly string[], workFolder: string): Part {
  const part = testPart(name, "node", {
    ...{ files, workFolder, alone: false, concurrency: 1 },
    limitSeconds: 3000,
    testLimitSeconds: 1500,
  });
  return { ...part, graceSeconds: 30 };
}

/**
 * Whole commands, and faults, against the lab: they wait much of the time, so there is a lab for each of several files.
 * They begin in the order given, the longest first; left to itself Node would sort them by their names.
 */
export async function labTestPart(name: string, files: readonly string[], workFolder: string): Promise<Part> {
  const bundles = await bundleTests(files, { top: process.cwd(), folder: workFolder });
  // All of the fault matrix takes more than an hour.
  const limitSeconds = process.env["VIRTFOLD_FAULTS"] === "all" ? 5 * 3600 : 4000;
  const part = testPart(name, "node", {
    ...{ files: bundles, workFolder, limitSeconds, alone: true, bundled: true },
    concurrency: testLabs.length,
    testLimitSeconds: limitSeconds,
  });
  return { ...part, graceSeconds: 30, cleaning: labDownParts() };
}

/** The Debian packages that tests need, installed where they are missing: without them tests would have to be skipped. */
export function packagesPart(): Part {
  return labCommandPart("packages", ["packages"], 1500);
}

/** The programs that the end-to-end tests start, built once for all of them (build-program.ts, build-command-runner.ts). */
export function programPart(): Part {
  return scriptPart("program", ["scripts/build.ts", "--swift"], 120);
}

/** The laboratories of the end-to-end tests, taken down: a test run leaves nothing on the machine. */
function labDownParts(): readonly Part[] {
  return [...testLabs, fleetLab].map((id) => labCommandPart(`${id} down`, ["down", "--id", id], 120));
}

function labCommandPart(name: string, args: readonly string[], limitSeconds: number): Part {
  return scriptPart(name, ["scripts/lab.ts", ...args], limitSeconds);
}

function scriptPart(name: string, command: readonly string[], limitSeconds: number): Part {
  return {
    name,
    argv: [process.execPath, "--import", "tsx", ...command],
    limitSeconds,
    alone: true,
    graceSeconds: 30,
    judge: async (finished) => judgeCheck(finished),
  };
}

interface TestPartOptions extends Pick<Part, "alone" | "limitSeconds">, Omit<TestRunOptions, "tapFile"> {
  readonly workFolder: string;
}

function testPart(name: string, runtime: RuntimeName, options: TestPartOptions): Part {
  const tapFile = join(options.workFolder, `${name.replaceAll(" ", "-")}.tap`);
  return {
    name,
    alone: options.alone,
    graceSeconds: 2,
    limitSeconds: options.limitSeconds,
    argv: testCommand(runtime, { ...options, tapFile }),
    judge: async (finished) => ({
      ...judgeRunner(finished, await readSummary(runtime, finished, tapFile)),
      failures: failedTests(await readReport(tapFile), process.cwd()).map(failureLines),
    }),
  };
}

/** Only Node writes one; none is no report. */
async function readReport(tapFile: string): Promise<string> {
  return await readFile(tapFile, "utf8").catch(() => "");
}

async function readSummary(runtime: RuntimeName, finished: FinishedProcess, tapFile: string) {
  switch (runtime) {
    case "node":
      return readTap(await readReport(tapFile));
    case "bun":
      return readBun(finished.output);
    case "deno":
      return readDeno(finished.output);
  }
}
