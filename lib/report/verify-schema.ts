// What `verify --json` prints: one line for each backup, and one at the end. Pure.

import { z } from "zod";
import {
  damageKinds,
  verificationStates,
  type PassedOver,
  type Verification,
} from "../model/verification.ts";

/** Raised when readers that know the old one could misread the new one. */
export const verifyOutputVersion = 1;

const text = z.string();
const count = z.int().nonnegative();
const seconds = z.number().nonnegative();

const verified = z.object({
  kind: z.literal("backup-verified"),
  version: z.literal(verifyOutputVersion),
  at: z.iso.datetime(),
  host: text,
  vm: text,
  /** Absolute. */
  path: text,
  /** The moment in its folder's name, as `HOST/VM@WHEN` takes it. */
  when: text,
  state: z.enum(verificationStates),
  damages: z.array(z.object({ kind: z.enum(damageKinds), fileName: text, detail: text })),
  /** Why it could not be carried out. */
  detail: text.optional(),
  bytes: count,
  seconds,
  /** Why the result could not be noted beside the backup. */
  recordProblem: text.optional(),
});

const finished = z.object({
  kind: z.literal("verify-finished"),
  version: z.literal(verifyOutputVersion),
  at: z.iso.datetime(),
  startedAt: z.iso.datetime(),
  store: text,
  exitCode: z.int(),
  good: count,
  damaged: count,
  unchecked: count,
  /** Being removed, or removed meanwhile: no fault of theirs. */
  passedOver: z.array(z.object({ path: text, why: z.enum(["being-removed", "gone"]) })),
  /** Folders that this user may not look into. */
  closedFolders: z.array(text),
  bytes: count,
});

const line = z.discriminatedUnion("kind", [verified, finished]).meta({
  title: "virtfold verify --json",
  description: "One line of the output of verify --json. Version 1.",
});

/** One line of the output. */
export type VerifyOutput = z.infer<typeof line>;

/** The line for one backup. */
export function verifiedOutput(result: Verification, at: Date): VerifyOutput {
  const { host, vm, path, folderName, state, detail, bytes, recordProblem } = result;
  return {
    kind: "backup-verified",
    version: verifyOutputVersion,
    at: at.toISOString(),
    ...{ host, vm, path, when: folderName, state, damages: [...result.damages] },
    ...(detail === undefined ? {} : { detail }),
    ...{ bytes, seconds: result.seconds },
    ...(recordProblem === undefined ? {} : { recordProblem }),
  };
}

/** The last line. */
export function verifyFinishedOutput(run: {
  readonly results: readonly Verification[];
  readonly passedOver: readonly { readonly path: string; readonly why: PassedOver }[];
  readonly closedFolders: readonly string[];
  readonly store: string;
  readonly exitCode: number;
  readonly startedAt: Date;
  readonly at: Date;
}): VerifyOutput {
  const of = (state: Verification["state"]): number =>
    run.results.filter((result) => result.state === state).length;
  return {
    kind: "verify-finished",
    version: verifyOutputVersion,
    at: run.at.toISOString(),
    startedAt: run.startedAt.toISOString(),
    store: run.store,
    exitCode: run.exitCode,
    ...{ good: of("good"), damaged: of("damaged"), unchecked: of("unchecked") },
    passedOver: [...run.passedOver],
    closedFolders: [...run.closedFolders],
    bytes: run.results.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** The JSON Schema (draft 2020-12) that `schema/verify-output.schema.json` publishes. */
export function verifyOutputJsonSchema(): unknown {
  return z.toJSONSchema(line, { io: "input" });
}
