// What `recover --json` prints, one object per line, as a schema. Pure.

import { z } from "zod";
import type { RecoveryEvent, RecoveryOutcome, SweptFolder } from "../model/recovery.ts";
import { leftOnHost, problem } from "./run-result-schema.ts";

/** Raised when readers that know the old one could misread the new one; new keys and new words do not raise it. */
export const recoverOutputVersion = 1;

type Shape = Readonly<Record<string, z.ZodType>>;
type LineKind = RecoveryEvent["kind"] | "recover-failed" | "recover-finished";

const text = z.string();
const count = z.int().nonnegative();
const seconds = z.number().nonnegative();
/** The VM is missing where it is not known whose it is. */
const place = { host: text, vm: text.optional() };

const outcomeKinds = [
  "restored",
  "ended-by-itself",
  "held",
  "left",
  "needs-person",
  "failed",
  "interrupted",
  "would-restore",
  "would-wait",
] as const satisfies readonly RecoveryOutcome["kind"][];
const fates = [
  "removed",
  "in-use",
  "unknown-owner",
  "not-ours",
  "failed",
] as const satisfies readonly SweptFolder["fate"][];

const shapes: { readonly [Kind in LineKind]: Shape } = {
  "survey-started": { host: text },
  "host-surveyed": { host: text, vms: count },
  "host-failed": { host: text, failure: problem },
  "vm-failed": { host: text, vm: text, failure: problem },
  "lease-awaited": { ...place, backupId: text, controller: text, seconds },
  "restore-started": { ...place, backupId: text },
  "overlay-folded": { ...place, target: text },
  recovered: {
    ...place,
    found: problem,
    outcome: z.enum(outcomeKinds),
    needsPerson: z.boolean(),
    /** What a person must know or do about it. */
    advice: z.array(text),
    /** What could not be undone, and the command that tries again on the host. */
    left: leftOnHost.optional(),
    command: text.optional(),
    failure: problem.optional(),
    /** How long it would be waited for. */
    seconds: seconds.optional(),
  },
  "host-finished": { host: text },
  "store-failed": { store: text, failure: problem },
  "store-swept": {
    store: text,
    folders: z.array(z.object({ path: text, fate: z.enum(fates), detail: text.optional() })),
  },
  stopping: { signal: text },
  "recover-failed": { failure: problem },
  "recover-finished": {
    exitCode: z.int(),
    isDryRun: z.boolean(),
    startedAt: z.iso.datetime(),
    /** What was left on hosts and in the store; of it, what was put right, and what needs a person. */
    ...{ found: count, putRight: count, needPerson: count },
    /** Hosts that were looked through to the end, and those that could not be asked. */
    ...{ finishedHosts: z.array(text), failedHosts: z.array(text) },
  },
};

/** Every word that `kind` can be. */
export const recoverLineKinds: readonly string[] = Object.keys(shapes);

/** One line of --json. Readers shall ignore keys and kinds that they do not know: there may be new ones. */
export const recoverLine = z
  .union(
    Object.entries(shapes).map(([kind, shape]) =>
      z.object({
        ...{ version: z.literal(recoverOutputVersion), at: z.iso.datetime(), kind: z.literal(kind) },
        ...shape,
      }),
    ),
  )
  .meta({
    title: "virtfold recover --json",
    description: `One line of the output of recover --json. Version ${recoverOutputVersion}.`,
  });

/** The JSON Schema (draft 2020-12) that `schema/recover-output.schema.json` publishes. */
export function recoverJsonSchema(): unknown {
  return z.toJSONSchema(recoverLine, { io: "input" });
}
