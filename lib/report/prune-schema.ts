// What `prune --json` prints: one document with every decision. Pure.

import { z } from "zod";
import type { Pruned } from "../model/pruning.ts";
import { describeFailure } from "./describe-failure.ts";

/** Raised when readers that know the old one could misread the new one. */
export const pruneOutputVersion = 1;

const text = z.string();
const fates = ["kept", "removed", "would-remove", "in-use", "failed", "ignored"] as const;

const decision = z.object({
  host: text,
  vm: text,
  /** Absolute. */
  path: text,
  /** The name of its folder. */
  when: text,
  /** "would-remove": in a dry run. "in-use": was to go, but is being read. "ignored": no matter of retention. */
  fate: z.enum(fates),
  why: text,
  /** What kept it from being removed: its kind, and the sentence for people. */
  trouble: z.object({ kind: text, sentence: text }).optional(),
  storedBytes: z.int().nonnegative(),
});

const documentSchema = z
  .object({
    kind: z.literal("prune-report"),
    version: z.literal(pruneOutputVersion),
    at: z.iso.datetime(),
    store: text,
    isDryRun: z.boolean(),
    exitCode: z.int(),
    backups: z.array(decision),
  })
  .meta({ title: "virtfold prune --json", description: "What a prune decided and did. Version 1." });

/** What a prune decided and did, for programs. */
export type PruneDocument = z.infer<typeof documentSchema>;

/** All decisions as one document. */
export function pruneDocument(
  all: readonly Pruned[],
  run: Pick<PruneDocument, "store" | "isDryRun" | "exitCode"> & { readonly at: Date },
): PruneDocument {
  return {
    ...{ kind: "prune-report", version: pruneOutputVersion, at: run.at.toISOString() },
    ...{ store: run.store, isDryRun: run.isDryRun, exitCode: run.exitCode },
    backups: all.map(({ reason, ...pruned }) => ({
      ...pruned,
      ...(reason === undefined ? {} : { trouble: { kind: reason.kind, sentence: describeFailure(reason) } }),
    })),
  };
}

/** The JSON Schema (draft 2020-12) that `schema/prune-output.schema.json` publishes. */
export function pruneOutputJsonSchema(): unknown {
  return z.toJSONSchema(documentSchema, { io: "input" });
}
