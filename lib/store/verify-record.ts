// What the last verification of a backup found, as it stands beside the backup. Pure.
//
// Beside, not inside: what SHA256SUMS covers stays as it was written. Version 1 may gain keys and kinds of damage.

import { z } from "zod";
import { damageKinds, mostDamages } from "../model/verification.ts";
import { formatRecord, parseRecord } from "./record-text.ts";

/** Raised when readers that know the old one could misread the new one. */
export const verifyRecordVersion = 1;

/** No record is longer; reading stops here. */
export const maximumRecordBytes = 1024 * 1024;

const text = z.string().max(8192);

const recordSchema = z
  .object({
    version: z.literal(verifyRecordVersion),
    /** Of the backup that was read: a record says nothing of another one in the same place. */
    backupId: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
    verifiedAt: z.iso.datetime().max(32),
    state: z.enum(["good", "damaged"]),
    damages: z.array(z.object({ kind: z.enum(damageKinds), fileName: text, detail: text })).max(mostDamages),
    /** Bytes read, holes included. */
    bytes: z.int().nonnegative(),
    seconds: z.number().nonnegative().max(1e9),
    tool: z.object({ name: text, version: text }),
    /** The machine that read it. */
    machine: text,
  })
  .meta({
    title: "virtfold verification record",
    description: "What the last verification of one backup found. Version 1.",
  });

/** The result of one verification. */
export type VerifyRecord = Readonly<z.infer<typeof recordSchema>>;

/** The record as text, as it stands in the store. */
export function formatVerifyRecord(record: VerifyRecord): string {
  return formatRecord(recordSchema, record);
}

/** Reads a record that anybody may have written; undefined when it is none, or not of this backup. */
export function parseVerifyRecord(content: string, backupId: string): VerifyRecord | undefined {
  return parseRecord(recordSchema, content, backupId);
}

/** The JSON Schema (draft 2020-12) that `schema/verify-record.schema.json` publishes. */
export function verifyRecordJsonSchema(): unknown {
  return z.toJSONSchema(recordSchema, { io: "input" });
}
