// A backup's manifest: what it holds and what a restorer needs. Pure.
//
// Version 1 may gain keys and new words (copy methods, reasons, kinds of warnings): readers ignore keys that they
// do not know. Whatever an older reader must not overlook (a new image format, another meaning) raises the version,
// and a newer version is refused as a whole.

import { z } from "zod";
import { consistencies } from "../model/backup.ts";
import { BackupError } from "../model/failure.ts";
import { modePattern, ownerPattern } from "../model/file-access.ts";
import { bootFileRoles } from "../model/plan.ts";
import { diskFormats } from "../model/vm.ts";
import { filePathPattern, manifestName } from "./layout.ts";
import { findContradiction } from "./find-contradiction.ts";

/** No manifest is longer; reading stops here. */
export const maximumManifestBytes = 8 * 1024 * 1024;

export const manifestVersion = 1;

const name = z.string().max(1024);
const hostPath = z.string().max(8192);
const sentence = z.string().max(8192);
/** An open list of words: readers show one they do not know as it is. */
const word = z.string().regex(/^[a-zA-Z][a-zA-Z0-9-]{0,63}$/);
const bytes = z.int().nonnegative();
const seconds = z.number().nonnegative().max(1e9);
const moment = z.iso.datetime().max(32);
const uuid = z.string().regex(/^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/);
const target = z.string().min(1).max(256);
const filePath = z.string().max(1024).regex(filePathPattern);
const toolVersion = z.string().max(256).optional();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const storedFile = { fileName: filePath, bytes, sha256 };
/** Whose the file was; what a number means, only its own host knew. */
const access = z
  .object({
    user: z.string().regex(ownerPattern),
    group: z.string().regex(ownerPattern),
    mode: z.string().regex(modePattern),
  })
  .optional();
const note = z.object({
  kind: word,
  target: target.optional(),
  path: hostPath.optional(),
  name: name.optional(),
});

const layer = z.object({
  ...storedFile,
  format: z.enum(diskFormats),
  /** Space the file took in the store when it was published. */
  allocatedBytes: bytes,
  sourcePath: hostPath,
  /**
   * What the image's checksum was on its host. Only of one in the middle of a chain, which names its base here by another
   * name than there, and so is never known again by the checksum of its copy.
   */
  sourceSha256: sha256.optional(),
  access,
});

const disk = z.object({
  target,
  format: z.enum(diskFormats),
  virtualBytes: bytes,
  source: z.object({ path: hostPath, kind: z.enum(["file", "block"]) }),
  copyMethod: word,
  compression: z.enum(["none", "zlib", "zstd"]),
  /** The disk's own image first, then what it is backed by. */
  layers: z.array(layer).min(1).max(256),
});

const snapshot = z.object({
  ...storedFile,
  name,
  parent: name.optional(),
  internalTargets: z.array(target).max(1024),
});

const manifestSchema = z
  .object({
    version: z.literal(manifestVersion),
    tool: z.object({ name, version: name }),
    backupId: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
    startedAt: moment,
    finishedAt: moment,
    host: z.object({
      name,
      versions: z.object({
        libvirt: toolVersion,
        qemu: toolVersion,
        qemuImg: toolVersion,
        rsync: toolVersion,
      }),
    }),
    vm: z.object({ name, uuid, stateAtBackup: word, startsWithHost: z.boolean().optional() }),
    consistency: z.enum(consistencies),
    whyNotFilesystem: sentence.optional(),
    newName: name,
    newUuid: uuid,
    disks: z.array(disk).min(1).max(1024),
    skippedDisks: z
      .array(z.object({ target, reason: word, path: hostPath.optional(), losesData: z.boolean() }))
      .max(1024),
    bootFiles: z
      .array(z.object({ ...storedFile, role: z.enum(bootFileRoles), sourcePath: hostPath, access }))
      .max(64),
    snapshots: z.object({
      current: name.optional(),
      /** Parents before children: the order in which libvirt accepts them. */
      order: z.array(snapshot).max(10_000),
    }),
    files: z.object({ originalXml: z.object(storedFile), patchedXml: z.object(storedFile) }),
    secondsOnOverlay: seconds,
    /** The most that all overlays together were seen to take. */
    overlayPeakBytes: bytes.optional(),
    secondsByStep: z.record(word, seconds),
    warnings: z.array(note).max(10_000),
    /** Why this is less than a whole backup; empty when it is whole. */
    degradedBy: z.array(note).max(10_000),
  })
  .superRefine((manifest, context) => {
    const message = findContradiction(manifest);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  })
  .meta({
    title: "virtfold backup manifest",
    description: "What one backup of one VM holds, and what is needed to restore it. Version 1.",
  });

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/** The manifest of one backup. Every file name in it is a path inside the backup's folder. */
export type Manifest = DeepReadonly<z.infer<typeof manifestSchema>>;

/** What a manifest's text turned out to be. `detail` is for people who look into the store. */
export type ManifestReading =
  | { readonly kind: "manifest"; readonly manifest: Manifest }
  /** Made by a newer version of this tool. */
  | { readonly kind: "newer"; readonly version: number }
  | { readonly kind: "invalid"; readonly detail: string };

/** Reads a manifest's text, which anybody may have written. Never throws. */
export function parseManifest(text: string): ManifestReading {
  if (text.length > maximumManifestBytes) return { kind: "invalid", detail: "too long" };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "invalid", detail: "not JSON" };
  }
  const { version } = Object(value) as { readonly version?: unknown };
  if (typeof version === "number" && Number.isSafeInteger(version) && version > manifestVersion) {
    return { kind: "newer", version };
  }
  const result = manifestSchema.safeParse(value);
  if (result.success) return { kind: "manifest", manifest: result.data };
  return { kind: "invalid", detail: firstProblem(result.error) };
}

/**
 * The manifest as text, as it stands in `manifest.json`; keys that the schema does not have are left out.
 * @throws BackupError `store-entry-bad` when `parseManifest` would refuse it: then something a host said is beyond its bounds.
 */
export function formatManifest(manifest: Manifest): string {
  const reading = parseManifest(JSON.stringify(manifest));
  const text = reading.kind === "manifest" ? `${JSON.stringify(reading.manifest, undefined, 2)}\n` : "";
  const isTooLong = Buffer.byteLength(text) > maximumManifestBytes;
  if (reading.kind === "manifest" && !isTooLong) return text;
  const detail = reading.kind === "invalid" ? reading.detail : "too long";
  throw new BackupError({ kind: "store-entry-bad", path: manifestName, detail });
}

/** The JSON Schema (draft 2020-12) that `schema/manifest.schema.json` publishes. */
export function manifestJsonSchema(): unknown {
  return z.toJSONSchema(manifestSchema, { io: "input" });
}

function firstProblem(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return "invalid";
  return `${JSON.stringify(issue.path.join("."))}: ${issue.message}`.slice(0, 400);
}
