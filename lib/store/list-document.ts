// What `list --json` prints. Pure.

import { z } from "zod";
import { consistencies } from "../model/backup.ts";
import type { StoreRow } from "./list-rows.ts";
import { rowStates } from "./list-rows.ts";

/** Raised when readers that know the old one could misread the new one; new keys and new words do not raise it. */
export const listVersion = 1;

const text = z.string();
const bytes = z.int().nonnegative();

const backup = z.object({
  host: text,
  vm: text,
  /** Absolute. */
  path: text,
  state: z.enum(rowStates),
  /** When it began; missing for what has no time. */
  startedAt: z.iso.datetime().optional(),
  disks: z.int().optional(),
  /** Sizes of the disks as their guest sees them. */
  virtualBytes: bytes.optional(),
  /** Lengths of the files, holes included. */
  apparentBytes: bytes.optional(),
  /** Space taken in the store. */
  storedBytes: bytes.optional(),
  consistency: z.enum(consistencies).optional(),
  verified: z.object({ at: z.iso.datetime(), state: z.enum(["good", "damaged"]) }).optional(),
  /** `rtoSeconds`: from the beginning of the drill to the guest's sign of life. */
  drilled: z
    .object({
      at: z.iso.datetime(),
      state: z.enum(["booted", "failed"]),
      rtoSeconds: z.number().nonnegative().optional(),
    })
    .optional(),
  /** Why it is broken or foreign; further keys are the facts of that kind. */
  problem: z.looseObject({ kind: text }).optional(),
});

const documentSchema = z
  .object({
    kind: z.literal("store-list"),
    version: z.literal(listVersion),
    at: z.iso.datetime(),
    store: text,
    backups: z.array(backup),
  })
  .meta({ title: "virtfold list --json", description: "What is in the store. Version 1." });

/** What is in the store, for programs. */
export type ListDocument = z.infer<typeof documentSchema>;

/** The rows of a listing as one document. */
export function listDocument(
  rows: readonly StoreRow[],
  { store, at }: { readonly store: string; readonly at: Date },
): ListDocument {
  const backups = rows.map((row) => {
    const { startedAt, verified, drilled, ...facts } = row;
    return {
      ...facts,
      startedAt: startedAt?.toISOString(),
      verified: verified && { at: verified.at.toISOString(), state: verified.state },
      drilled: drilled && { ...drilled, at: drilled.at.toISOString() },
    };
  });
  return { kind: "store-list", version: listVersion, at: at.toISOString(), store, backups };
}

/** The JSON Schema (draft 2020-12) that `schema/list.schema.json` publishes. */
export function listJsonSchema(): unknown {
  return z.toJSONSchema(documentSchema, { io: "input" });
}
