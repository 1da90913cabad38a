// What a run came to, as data: the last line of --json and the report in the store. Pure.

import { z } from "zod";
import { consistencies } from "../model/backup.ts";

/** Raised when readers that know the old one could misread the new one; new keys and new words do not raise it. */
export const outputVersion = 1;

const text = z.string();
const moment = z.iso.datetime();
const bytes = z.number().nonnegative();
const seconds = z.number().nonnegative();

/** Something that went wrong or is worth knowing: its kind, the sentence for it, and the facts in that sentence. */
export const problem = z
  .looseObject({ kind: text, sentence: text })
  .meta({ description: "Kind and sentence; further keys are the facts of that kind" });

/** What could not be undone on a host. */
export const leftOnHost = z.array(z.object({ action: text, detail: text }));

/** How one VM's backup can end. */
export const vmResults = [
  "ok",
  "degraded",
  "failed",
  "refused",
  "interrupted",
  "bug",
  "not-reached",
] as const;
export type VmResultKind = (typeof vmResults)[number];

const vmResult = z.object({
  host: text,
  vm: text,
  result: z.enum(vmResults),
  /** Those of the backup itself are there when it was published. */
  path: text.optional(),
  consistency: z.enum(consistencies).optional(),
  storedBytes: bytes.optional(),
  /** The length of the images that were copied, all of which was read on the host. */
  copiedBytes: bytes,
  /** What came over the link for them; reports of before it was counted lack it. */
  sentBytes: bytes.optional(),
  endedAt: moment.optional(),
  seconds: seconds.optional(),
  secondsOnOverlay: seconds.optional(),
  overlayPeakBytes: bytes.optional(),
  degradedBy: z.array(problem),
  failure: problem.optional(),
  leftOnHost,
});

const host = z.object({
  host: text,
  /** What the run was given for it: `user@address:port`, or an alias. */
  target: text,
  /** The VMs that were asked for; missing for all. */
  vms: z.array(text).optional(),
  /** Those of them that came from a target over several hosts: one of these must have it, not each. */
  shared: z.array(z.object({ vm: text, target: text })).optional(),
  /** Those of them that another host was found to have already: this one need not. */
  mayBeMissing: z.array(text).optional(),
  isSurveyed: z.boolean(),
  failure: problem.optional(),
});

/** The keys of a run's result. */
export const runResultShape = {
  version: z.literal(outputVersion),
  at: moment,
  startedAt: moment,
  seconds,
  store: text.optional(),
  /** What ended the run as a whole. */
  failure: problem.optional(),
  hosts: z.array(host),
  vms: z.array(vmResult),
};

const runFinished = z.object({ ...runResultShape, kind: z.literal("run-finished"), exitCode: z.int() });
const runReport = z.discriminatedUnion("kind", [
  runFinished,
  /** Written when a run begins; it stays when the run is killed. */
  z.object({ ...runResultShape, kind: z.literal("run-unfinished") }),
]);

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;
export type Problem = DeepReadonly<z.infer<typeof problem>>;
export type VmResult = DeepReadonly<z.infer<typeof vmResult>>;
export type RunFinished = DeepReadonly<z.infer<typeof runFinished>>;
/** A run's report: finished, or cut short by what nobody can catch. */
export type RunReport = DeepReadonly<z.infer<typeof runReport>>;

/** Reads a report that anybody may have written; undefined when it is none that this version understands. */
export function parseRunReport(report: string): RunReport | undefined {
  try {
    return runReport.safeParse(JSON.parse(report)).data;
  } catch {
    return undefined;
  }
}
