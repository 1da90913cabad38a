// One run of `npm test` or `npm run check`, from the choice of parts to the closing line.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { commandRunner, swiftProgram } from "../packaging/program-places.ts";
import { whyNoLab } from "./lab-requirements.ts";
import {
  checkParts,
  faultsPart,
  labPart,
  labTestPart,
  packagesPart,
  programPart,
  unitParts,
} from "./parts.ts";
import type { Part } from "./parts.ts";
import { closingLine, failuresText, isGood, leftOutLine, skippedLine, totalOf } from "./report.ts";
import type { PartResult, SkippedPart } from "./report.ts";
import { runParts } from "./run-parts.ts";
import { currentRuntime } from "./runtimes.ts";
import { stopOnSignals } from "./stop-on-signals.ts";
import { findTestFiles, longestFirst, portableTestFiles, quickTestFiles } from "./test-files.ts";
import type { TestFiles } from "./test-files.ts";

/** What can be asked for, the longest first: `check` is types, lint and format; `unit` is on Node; `matrix` is the faults against the lab. */
export const stageNames = ["unit", "lab", "deno", "bun", "faults", "check", "e2e", "matrix"] as const;
export type StageName = (typeof stageNames)[number];

/** Runs what needs no root, no lab and no patience, on this runtime. */
export async function runQuickTests(): Promise<void> {
  const runtime = currentRuntime();
  await runTests(["check", runtime === "node" ? "unit" : runtime], { quick: true });
}

/** Runs the stages, prints the outcome, and sets the exit code. */
export async function runTests(
  stages: readonly StageName[],
  options: { readonly quick: boolean },
): Promise<void> {
  const top = fileURLToPath(new URL("../..", import.meta.url));
  const workFolder = await mkdtemp(join(tmpdir(), "virtfold-test-"));
  // The runners are in process groups of their own, so a Ctrl-C here does not reach them by itself.
  const stopping = stopOnSignals();
  // Read by test/e2e/support/thorough.ts; a file that is run by hand has all its tests.
  process.env["VIRTFOLD_E2E"] ??= "usual";
  try {
    const files = chooseFiles(await findTestFiles(top), stages, options);
    const noLab = await whyNoLabHere();
    const cannotRun = (stage: StageName) => noLab !== undefined && ["lab", "e2e", "matrix"].includes(stage);
    const skipped = stages
      .filter(cannotRun)
      .map((name) => ({ name, files: filesOf(name, files).length, why: noLab ?? "" }));
    const parts = await Promise.all(
      stages
        .filter((stage) => !cannotRun(stage))
        .map((stage) => partsOf(stage, { files: filesOf(stage, files), workFolder })),
    );
    // Three more than there are processors, because most wait half of the time.
    const concurrency = Math.max(2, availableParallelism()) + 3;
    const how = { directory: top, concurrency, signal: stopping.signal };
    const first = !options.quick && noLab === undefined ? [packagesPart()] : [];
    if (noLab === undefined && stages.some((stage) => stage === "e2e" || stage === "matrix")) {
      // Read by test/e2e/support/virtfold-process.ts.
      process.env["VIRTFOLD_TEST_PROGRAM"] = join(top, swiftProgram);
      // Read by test/lab/small-process.ts.
      process.env["VIRTFOLD_TEST_RUNNER"] = join(top, commandRunner);
      first.push(programPart());
    }
    const results = [...(await runParts(first, how)), ...(await runParts(parts.flat(), how))];
    const good = printOutcome(results, skipped);
    process.exitCode = stopping.exitCode() ?? (good ? 0 : 1);
  } finally {
    stopping.release();
    await rm(workFolder, { recursive: true, force: true });
  }
}

interface StageOptions {
  readonly files: readonly string[];
  readonly workFolder: string;
}

async function partsOf(stage: StageName, { files, workFolder }: StageOptions): Promise<readonly Part[]> {
  switch (stage) {
    case "check":
      return checkParts();
    case "unit":
      return await unitParts("node", files, workFolder);
    case "bun":
    case "deno":
      return await unitParts(stage, files, workFolder);
    case "e2e":
    case "matrix":
      return files.length === 0 ? [] : [await labTestPart(stage, files, workFolder)];
    case "faults":
      return [faultsPart(stage, files, workFolder)];
    case "lab":
      return [labPart(stage, files, workFolder)];
  }
}

/**
 * A quick run leaves out what takes its time. The matrix and the end-to-end tests share the labs; where both are asked
 * for, they run as one, the longest first.
 */
function chooseFiles(
  files: TestFiles,
  stages: readonly StageName[],
  { quick }: { readonly quick: boolean },
): TestFiles {
  if (quick) return { ...files, unit: quickTestFiles(files.unit) };
  const isBoth = stages.includes("e2e") && stages.includes("matrix");
  const { e2e, matrix } = files;
  if (isBoth) return { ...files, e2e: longestFirst([...matrix, ...e2e]), matrix: [] };
  return { ...files, e2e: longestFirst(e2e), matrix: longestFirst(matrix) };
}

function filesOf(stage: StageName, files: TestFiles): readonly string[] {
  if (stage === "check") return [];
  return stage === "bun" || stage === "deno" ? portableTestFiles(files.unit) : files[stage];
}

function printOutcome(results: readonly PartResult[], skippedParts: readonly SkippedPart[]): boolean {
  const inCi = /^(?:1|true)$/i.test(process.env["CI"] ?? "");
  const total = totalOf(results, skippedParts);
  const failures = failuresText(results);
  const skipped = skippedLine(results, skippedParts);
  console.log("");
  if (failures !== undefined) console.log(failures);
  if (results.some(({ name, verdict }) => name === "types" && verdict.failed > 0))
    console.log("The types do not hold: look there first, the rest may follow from it.");
  const left = leftOutLine(
    results.map(({ name }) => name),
    process.env,
  );
  if (left !== undefined) console.log(left);
  if (skipped !== undefined) console.log(inCi ? `${skipped} (a failure, because CI is set)` : skipped);
  console.log(closingLine(total));
  return isGood(total, { inCi });
}

async function whyNoLabHere(): Promise<string | undefined> {
  // Where the file is missing, it is neither Debian nor Ubuntu.
  const osRelease = await readFile("/etc/os-release", "utf8").catch(() => "");
  const { platform, arch: architecture } = process;
  return whyNoLab({ platform, architecture, userId: process.getuid?.(), osRelease });
}
