// What the last drill of a backup came to, as it stands beside the backup. Pure.
//
// Beside, not inside: what SHA256SUMS covers stays as it was written. Version 1 may gain keys and words.

import { z } from "zod";
import { formatRecord, parseRecord } from "./record-text.ts";

/** Raised when readers that know the old one could misread the new one. */
export const drillRecordVersion = 1;

/** No record is longer; reading stops here. */
export const maximumDrillRecordBytes = 256 * 1024;

const text = z.string().max(8192);
const moment = z.iso.datetime().max(32);
const seconds = z.number().nonnegative().max(1e9);

const recordSchema = z
  .object({
    version: z.literal(drillRecordVersion),
    /** Of the backup that was drilled: a record says nothing of another one in the same place. */
    backupId: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
    drilledAt: moment,
    state: z.enum(["booted", "failed"]),
    /** The host that it was booted on. */
    host: text,
    /** Whether its images were the backup's own, below an overlay, or copies. */
    way: z.enum(["overlay", "copy"]),
    /** The sign of life that was waited for, as --expect has it. */
    expected: text,
    /** From the beginning of the drill to the sign of life. */
    rtoSeconds: seconds.optional(),
    /** From the start of the clone to the sign of life. */
    bootSeconds: seconds.optional(),
    /** Why it failed. */
    detail: text.optional(),
    /** Paths in the store of what was kept of a failed one. */
    evidence: z.array(text).max(10),
    /** When a drill of this backup last ended well. */
    lastBootedAt: moment.optional(),
    tool: z.object({ name: text, version: text }),
    /** The machine that ran the drill. */
    machine: text,
  })
  .meta({
    title: "virtfold drill record",
    description: "What the last drill of one backup came to. Version 1.",
  });

/** The result of one drill. */
export type DrillRecord = Readonly<z.infer<typeof recordSchema>>;

/** The record as text, as it stands in the store. */
export function formatDrillRecord(record: DrillRecord): string {
  return formatRecord(recordSchema, record);
}

/** Reads a record that anybody may have written; undefined when it is none, or not of this backup. */
export function parseDrillRecord(content: string, backupId: string): DrillRecord | undefined {
  return parseRecord(recordSchema, content, backupId);
}

/** The JSON Schema (draft 2020-12) that `schema/drill-record.schema.json` publishes. */
export function drillRecordJsonSchema(): unknown {
  return z.toJSONSchema(recordSchema, { io: "input" });
}
