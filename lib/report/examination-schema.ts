// What `doctor --json` prints, as a schema. Pure.

import { z } from "zod";
import { severities } from "../model/finding.ts";

/** Raised when readers that know the old one could misread the new one; new keys and new words do not raise it. */
export const examinationVersion = 1;

const text = z.string();

const finding = z.object({
  severity: z.enum(severities),
  /** Whether no program can put it right. */
  needsPerson: z.boolean(),
  /** What sort of thing it is; there may be new ones. */
  kind: text,
  /** Where: both missing for this machine. */
  host: text.optional(),
  vm: text.optional(),
  store: text.optional(),
  text,
  /** What to do; may be empty. */
  remedy: text,
  /** What to run for that. */
  commands: z.array(text),
});

/** The document. Readers shall ignore keys that they do not know: there may be new ones. */
export const examinationSchema = z
  .object({
    version: z.literal(examinationVersion),
    /** False when the examination was interrupted. */
    isComplete: z.boolean(),
    hosts: z.array(text),
    findings: z.array(finding),
  })
  .meta({
    title: "virtfold doctor",
    description: `What virtfold doctor --json prints. Version ${examinationVersion}.`,
  });

/** The JSON Schema (draft 2020-12) that `schema/doctor.schema.json` publishes. */
export function examinationJsonSchema(): unknown {
  return z.toJSONSchema(examinationSchema, { io: "input" });
}
