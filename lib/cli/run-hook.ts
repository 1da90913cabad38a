// The operator's own program, run before and after a run and each VM of it.

import { toolVersion } from "../config/tool.ts";
import { BackupError } from "../model/failure.ts";
import { outputVersion } from "../report/run-result-schema.ts";
import { runLocal, type LocalResult } from "../shell/run-local.ts";

/** When it is run; its only argument. */
export type HookMoment = "before-run" | "before-vm" | "after-vm" | "after-run";

/** The program, and how long it may take. */
export interface Hook {
  readonly program: string;
  readonly timeoutSeconds: number;
}

/** What it prints is for a person who looks for a mistake: this much of it is enough. */
const maximumBytes = 1024 * 1024;

/**
 * Runs the program with the moment as its argument and the facts, as one JSON object, on its standard input.
 * @throws BackupError `hook-failed` when it did not end with 0 in time; `interrupted` when the signal ended it.
 */
export async function runHook(
  { program, timeoutSeconds }: Hook,
  { moment, facts }: { readonly moment: HookMoment; readonly facts: object },
  signal?: AbortSignal,
): Promise<void> {
  const input = `${JSON.stringify({ version: outputVersion, virtfold: toolVersion, moment, ...facts })}\n`;
  const result = await runLocal([program, moment], {
    ...{ input, maximumBytes, deadlineSeconds: timeoutSeconds },
    ...(signal === undefined ? {} : { signal }),
  });
  if (result.code === 0 && result.endedBy === undefined) return;
  if (result.endedBy === "abort") throw new BackupError({ kind: "interrupted", signal: "abort" });
  throw new BackupError({ kind: "hook-failed", program, moment, detail: whyNot(result, timeoutSeconds) });
}

function whyNot({ code, signal, stdout, stderr, endedBy }: LocalResult, timeoutSeconds: number): string {
  if (endedBy === "deadline") return `it did not end within ${timeoutSeconds} s`;
  if (endedBy === "size") return "it printed more than 1 MiB";
  const said = [stderr, stdout].map((text) => text.trimEnd().split("\n").at(-1) ?? "").find(Boolean);
  const ending = code === null ? `ended by ${signal ?? "a signal"}` : `exit code ${code}`;
  return said === undefined ? ending : `${ending}: ${said.slice(0, 500)}`;
}
