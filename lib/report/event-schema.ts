// What --json prints, one object per line, as a schema. Pure.

import { z } from "zod";
import { consistencies } from "../model/backup.ts";
import { stepNames, type Event, type VmEvent } from "../model/event.ts";
import { leftOnHost, outputVersion, problem, runResultShape } from "./run-result-schema.ts";

type Shape = Readonly<Record<string, z.ZodType>>;
type RunEventKind = Exclude<Event["kind"], "vm"> | "run-failed" | "run-finished";

const text = z.string();
const texts = z.array(text);
const bytes = z.number().nonnegative();
const seconds = z.number().nonnegative();
const progress = { bytes, totalBytes: bytes };

const outcome = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("backed-up"),
    path: text,
    consistency: z.enum(consistencies),
    storedBytes: bytes,
    secondsOnOverlay: seconds,
    overlayPeakBytes: bytes,
    seconds,
    degradedBy: z.array(problem),
    leftOnHost,
  }),
  z.object({ kind: z.enum(["failed", "bug"]), failure: problem, leftOnHost }),
  z.object({ kind: z.literal("interrupted"), leftOnHost }),
]);

/** Events of the run and of its hosts. */
const runEvents: { readonly [Kind in RunEventKind]: Shape } = {
  "run-started": { hosts: texts, store: text },
  "survey-started": { host: text },
  "host-surveyed": { host: text, vms: bytes },
  "vms-chosen": { host: text, vms: texts },
  "vms-left-out": { host: text, vms: texts },
  "host-failed": { host: text, failure: problem },
  "vm-refused": { host: text, vm: text, failure: problem },
  "report-failed": { detail: text },
  stopping: { signal: text },
  "run-failed": { failure: problem },
  "run-finished": { ...runResultShape, exitCode: z.int() },
};

/** Events of one VM; each also has `host` and `vm`. */
const vmEvents: { readonly [Kind in VmEvent["kind"]]: Shape } = {
  "left-over-found": { backupId: text },
  "left-over-restored": { backupId: text },
  "vm-started": {},
  "step-started": { step: z.enum(stepNames) },
  "disk-found": { target: text, path: text },
  "disk-skipped": { disk: problem },
  warning: { warning: problem },
  "snapshot-skipped": { state: text, consistency: z.enum(consistencies), why: text.optional() },
  "guard-armed": { command: text },
  "overlay-created": { target: text, path: text },
  "snapshot-taken": { consistency: z.enum(consistencies), why: text.optional() },
  "copy-started": { target: text, from: text, to: text, totalBytes: bytes },
  "copy-progress": { target: text, ...progress },
  "copy-broken": { target: text, detail: text, pauseSeconds: seconds },
  "copy-finished": { target: text, bytes, sentBytes: bytes, seconds },
  "internal-snapshots": { names: texts },
  "restoring-host": {},
  "fold-progress": { target: text, percent: z.number() },
  "overlay-folded": { target: text, into: text },
  "host-restored": { secondsOnOverlay: seconds, overlayPeakBytes: bytes },
  "left-on-host": { left: leftOnHost, command: text },
  "verify-progress": { fileName: text, ...progress },
  "not-compressed": { target: text, reason: text },
  compressed: { target: text, bytesBefore: bytes, bytesAfter: bytes, method: text },
  "xml-written": { path: text },
  published: { path: text, storedBytes: bytes, latestProblem: text.optional() },
  "partial-kept": { path: text, detail: text },
  rotated: { kept: bytes, removed: texts, directory: text },
  "rotation-failed": { directory: text, detail: text },
  "vm-finished": { outcome },
};

/** Every word that `kind` can be. */
export const eventKinds: readonly string[] = [...Object.keys(runEvents), ...Object.keys(vmEvents)];

const event = (kind: string, shape: Shape) =>
  z.object({ version: z.literal(outputVersion), at: z.iso.datetime(), kind: z.literal(kind), ...shape });
const vmShape = (shape: Shape): Shape => ({ host: text, vm: text, ...shape });

/** One line of --json. Readers shall ignore keys and kinds that they do not know: there may be new ones. */
export const eventSchema = z
  .union([
    ...Object.entries(runEvents).map(([kind, shape]) => event(kind, shape)),
    ...Object.entries(vmEvents).map(([kind, shape]) => event(kind, vmShape(shape))),
  ])
  .meta({
    title: "virtfold event",
    description: `One line of virtfold backup --json. Version ${outputVersion}.`,
  });

/** The JSON Schema (draft 2020-12) that `schema/events.schema.json` publishes. */
export function eventJsonSchema(): unknown {
  return z.toJSONSchema(eventSchema, { io: "input" });
}
