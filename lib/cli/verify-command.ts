// `virtfold verify`: composes the parts and runs them.

import { toolVersion } from "../config/tool.ts";
import { findQemuImg } from "../fleet/local-tools.ts";
import { listenForStop } from "../fleet/stop.ts";
import { verifyStore } from "../fleet/verify-store.ts";
import type { PassedOver, Verification, VerifyEvent } from "../model/verification.ts";
import { chooseToVerify } from "../plan/choose-to-verify.ts";
import { verifyBar } from "../report/verify-bar.ts";
import { verifiedOutput, verifyFinishedOutput, type VerifyOutput } from "../report/verify-schema.ts";
import { verifyLine, verifySummary } from "../report/verify-text.ts";
import { openStore } from "../store/store.ts";
import { readArguments } from "./arguments.ts";
import { canDrawBars } from "./can-draw-bars.ts";
import { lineWriter, type ConsoleOptions } from "./console.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { closedAmong, findStored } from "./find-stored.ts";
import { readVolume } from "./read-volume.ts";
import { readVerifyRequest, verifyShape } from "./verify-request.ts";

/** Reads stored backups again; prints what is damaged; gives the exit code. */
export async function verifyCommand(argv: readonly string[]): Promise<ExitCode> {
  const args = readArguments(verifyShape, toolVersion, argv);
  if (args.kind === "end") return args.exitCode;
  const startedAt = new Date();
  const request = await readVerifyRequest(args);
  const store = await openStore(request.directory, { access: "read" });
  const entries = await findStored(store, { command: "verify", hasWhen: true, ...request });
  const backups = chooseToVerify(entries, { ...request, now: startedAt });
  await findQemuImg();

  const results: Verification[] = [];
  const passedOver: { path: string; why: PassedOver }[] = [];
  const screen = openScreen(await readVolume("verify", args), request.isJson);
  const emit = (event: VerifyEvent): void => {
    if (event.kind === "verified") results.push(event.result);
    if (event.kind === "passed-over") passedOver.push({ path: event.path, why: event.why });
    screen.show(event);
  };
  const closedFolders = closedAmong(entries);
  for (const path of closedFolders) emit({ kind: "closed-folder", path });
  const stop = listenForStop(emit, () => process.exit(exitCodes.interrupted));
  try {
    const { concurrency } = request;
    await verifyStore(backups, { directory: store.directory, concurrency, signal: stop.signal, emit });
  } finally {
    stop.release();
    screen.stop();
  }
  const exitCode = verifyExitCode(results, { wasStopped: stop.signal.aborted, closedFolders });
  const end = {
    results,
    passedOver,
    closedFolders,
    store: store.directory,
    exitCode,
    startedAt,
    at: new Date(),
  };
  if (request.isJson) print(verifyFinishedOutput(end));
  else console.log(backups.length === 0 ? "Nothing to verify" : verifySummary(results));
  return exitCode;
}

function verifyExitCode(
  results: readonly Verification[],
  { wasStopped, closedFolders }: { readonly wasStopped: boolean; readonly closedFolders: readonly string[] },
): ExitCode {
  if (wasStopped) return exitCodes.interrupted;
  const isGood = closedFolders.length === 0 && results.every(({ state }) => state === "good");
  return isGood ? exitCodes.ok : exitCodes.someFailed;
}

interface Screen {
  show(event: VerifyEvent): void;
  stop(): void;
}

function openScreen(options: ConsoleOptions, isJson: boolean): Screen {
  const bar = canDrawBars({ ...options, isJson }) ? verifyBar(process.stderr) : undefined;
  const write = lineWriter(options, bar);
  return {
    show: (event) => {
      if (isJson && event.kind === "verified") print(verifiedOutput(event.result, new Date()));
      const line = verifyLine(event);
      if (line !== undefined) write(line, new Date());
      bar?.update(event);
    },
    stop: () => bar?.stop(),
  };
}

function print(line: VerifyOutput): void {
  console.log(JSON.stringify(line));
}
