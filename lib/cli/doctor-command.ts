// `virtfold doctor`: composes the parts and runs them.

import { toolVersion } from "../config/tool.ts";
import { examineFleet } from "../fleet/examine-fleet.ts";
import { listenForStop } from "../fleet/stop.ts";
import type { Judgement } from "../model/finding.ts";
import { examinationDocument } from "../report/examination-document.ts";
import { countSeverities, examinationText } from "../report/examination-text.ts";
import { harmless } from "../report/wording.ts";
import { readArguments } from "./arguments.ts";
import { lineWriter } from "./console.ts";
import { doctorExitCode } from "./doctor-exit-code.ts";
import { doctorShape, readDoctorRequest } from "./doctor-request.ts";
import { readVolume } from "./read-volume.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";

/** Looks at what the command line names; prints what was found; gives the exit code. */
export async function doctorCommand(argv: readonly string[]): Promise<ExitCode> {
  const args = readArguments(doctorShape, toolVersion, argv);
  if (args.kind === "end") return args.exitCode;
  const request = await readDoctorRequest(args);
  const volume = await readVolume("doctor", args);
  const { isVerbose } = volume;
  const write = lineWriter(volume);
  const tell = (level: "info" | "warning", text: string): void => write({ level, text }, new Date());
  const onHost = (host: string, judgements: readonly Judgement[]): void =>
    tell("info", `${harmless(host)}: ${countSeverities(judgements)}`);
  const stop = listenForStop(
    ({ signal }) => tell("warning", `${signal} received: asking no more hosts`),
    () => process.exit(exitCodes.interrupted),
  );
  const examination = await examineFleet(request, { onHost, signal: stop.signal }).finally(() =>
    stop.release(),
  );
  console.log(
    request.isJson ? examinationDocument(examination) : examinationText(examination, { isVerbose }),
  );
  const exitCode = doctorExitCode(examination);
  // What is not waited for any more would keep the process until its host has answered, or is given up.
  if (stop.signal.aborted) process.stdout.write("", () => process.exit(exitCode));
  return exitCode;
}
