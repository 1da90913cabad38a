// Whether a folder with a backup's name is a good backup. Reads the manifest and looks at each file; reads no data.

import { lstat } from "node:fs/promises";
import path from "node:path";
import type { BrokenReason } from "./backup-entry.ts";
import { encodeName } from "./encode-name.ts";
import { namedFiles } from "./find-contradiction.ts";
import { systemCode } from "./in-store.ts";
import { backupFolderName, manifestName } from "./layout.ts";
import type { Manifest } from "./manifest.ts";
import { maximumManifestBytes, parseManifest } from "./manifest.ts";
import { readBounded } from "./read-bounded.ts";

/** A folder and the names of it and the two above it, as they are on the disk. */
export interface BackupFolder {
  readonly path: string;
  readonly hostFolder: string;
  readonly vmFolder: string;
  readonly folderName: string;
}

export type BackupCheck =
  | {
      readonly kind: "good";
      readonly manifest: Manifest;
      readonly storedBytes: number;
      readonly touchedFiles: readonly string[];
    }
  | { readonly kind: "broken"; readonly reason: BrokenReason };

/** Looks at one backup. Never follows a link out of its folder; expected damage is a result. */
export async function checkBackup(folder: BackupFolder): Promise<BackupCheck> {
  const reading = await readManifest(folder.path);
  if (reading.kind === "broken") return reading;
  const { manifest, publishedMs } = reading;
  const misplaced = findMisplacement(folder, manifest);
  if (misplaced !== undefined) return { kind: "broken", reason: misplaced };

  const touchedFiles: string[] = [];
  let storedBytes = 0;
  for (const { fileName, bytes } of namedFiles(manifest)) {
    const look = await lookAt(folder.path, fileName, bytes);
    if (look.kind !== "file") return { kind: "broken", reason: look };
    if (look.modifiedMs > publishedMs) touchedFiles.push(fileName);
    storedBytes += look.allocatedBytes;
  }
  return { kind: "good", manifest, storedBytes, touchedFiles };
}

/** A backup's manifest, and when its file was last written, or why there is none to go by. */
export type ManifestFile =
  | { readonly kind: "read"; readonly manifest: Manifest; readonly publishedMs: number }
  | { readonly kind: "broken"; readonly reason: BrokenReason };

/** Reads the manifest in a backup's folder. */
export async function readManifest(folder: string): Promise<ManifestFile> {
  const broken = (reason: BrokenReason): ManifestFile => ({ kind: "broken", reason });
  const file = await readBounded(path.join(folder, manifestName), maximumManifestBytes);
  if (file.kind === "missing") return broken({ kind: "manifest-missing" });
  if (file.kind === "unreadable") return broken({ kind: "manifest-unreadable", detail: file.detail });
  const reading = parseManifest(file.text);
  if (reading.kind === "newer") return broken({ kind: "manifest-newer", version: reading.version });
  if (reading.kind === "invalid") return broken({ kind: "manifest-invalid", detail: reading.detail });
  return { kind: "read", manifest: reading.manifest, publishedMs: file.modifiedMs };
}

/** What of the folder's place its manifest contradicts; undefined when nothing. */
export function findMisplacement(folder: BackupFolder, manifest: Manifest): BrokenReason | undefined {
  const expectations = [
    ["host", folder.hostFolder, encodeName(manifest.host.name)],
    ["vm", folder.vmFolder, encodeName(manifest.vm.name)],
    ["time", folder.folderName, backupFolderName(new Date(manifest.startedAt))],
  ] as const;
  for (const [part, found, expected] of expectations) {
    if (found !== expected) return { kind: "misplaced", part, expected };
  }
  return undefined;
}

type FileLook =
  { readonly kind: "file"; readonly allocatedBytes: number; readonly modifiedMs: number } | BrokenReason;

async function lookAt(folder: string, fileName: string, expectedBytes: number): Promise<FileLook> {
  const parts = fileName.split("/");
  try {
    for (let depth = 1; depth < parts.length; depth += 1) {
      const inner = await lstat(path.join(folder, ...parts.slice(0, depth)));
      if (!inner.isDirectory()) return { kind: "file-not-regular", fileName };
    }
    const facts = await lstat(path.join(folder, ...parts));
    if (!facts.isFile()) return { kind: "file-not-regular", fileName };
    if (facts.size !== expectedBytes)
      return { kind: "file-length", fileName, bytes: facts.size, expectedBytes };
    return { kind: "file", allocatedBytes: facts.blocks * 512, modifiedMs: facts.mtimeMs };
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    return code === "ENOENT"
      ? { kind: "file-missing", fileName }
      : { kind: "file-unreadable", fileName, detail: code };
  }
}
