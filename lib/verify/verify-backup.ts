// Reading one stored backup again: everything that a restore would rely on. Changes nothing.

import path from "node:path";
import { maximumXmlLength } from "../hypervisor/xml-document.ts";
import { mostDamages, type Damage, type Verification } from "../model/verification.ts";
import type { BrokenReason } from "../store/backup-entry.ts";
import { findMisplacement, readManifest, type BackupFolder } from "../store/check-backup.ts";
import { manifestName } from "../store/layout.ts";
import type { Manifest } from "../store/manifest.ts";
import { readBounded } from "../store/read-bounded.ts";
import { checkContents } from "./check-contents.ts";
import { checkDefinitions, definitionFiles } from "./check-definitions.ts";
import { checkImages, type ImageReader } from "./check-images.ts";

/** What a verification needs beside the folder. */
export interface VerifyTools {
  readonly images: ImageReader;
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
}

/** What was found, and of which backup. */
export interface Findings extends Pick<Verification, "state" | "damages" | "detail" | "bytes"> {
  /** Undefined when the manifest cannot be read. */
  readonly backupId: string | undefined;
}

/**
 * Reads every file of a backup and holds all that it says against each other: SHA256SUMS, manifest, images, XML.
 * @throws BackupError for what is no fault of the backup, such as `tool-missing` and `interrupted`.
 */
export async function verifyBackup(folder: BackupFolder, tools: VerifyTools): Promise<Findings> {
  const reading = await readManifest(folder.path);
  const manifest = reading.kind === "read" ? reading.manifest : undefined;
  const contents = await checkContents(folder.path, manifest, tools);
  const damages = [
    ...(reading.kind === "read" ? misplacement(folder, reading.manifest) : manifestDamage(reading.reason)),
    ...contents.damages,
  ];
  if (manifest !== undefined) {
    damages.push(
      ...(await checkImages(folder.path, manifest, { images: tools.images, sound: contents.sound })),
    );
    damages.push(...(await readDefinitions(folder, manifest, contents.sound)));
  }
  const found = { damages: unique(damages), bytes: contents.bytes, backupId: manifest?.backupId };
  const refused = damages.find(
    ({ kind, detail }) => kind === "unreadable" && /^(?:EACCES|EPERM)$/.test(detail),
  );
  if (refused !== undefined)
    return { ...found, state: "unchecked", detail: `no permission to read ${refused.fileName}` };
  if (damages.length > 0) return { ...found, state: "damaged", detail: undefined };
  if (reading.kind === "broken" && reading.reason.kind === "manifest-newer")
    return {
      ...found,
      state: "unchecked",
      detail: `made by a newer virtfold (manifest version ${reading.reason.version})`,
    };
  return { ...found, state: "good", detail: undefined };
}

function misplacement(folder: BackupFolder, manifest: Manifest): readonly Damage[] {
  const found = findMisplacement(folder, manifest);
  if (found?.kind !== "misplaced") return [];
  const detail = `it belongs to another place: its ${found.part} would be ${found.expected}`;
  return [{ kind: "contradiction", fileName: manifestName, detail }];
}

/** That it is missing is told where all files are read. */
function manifestDamage(reason: BrokenReason): readonly Damage[] {
  const fileName = manifestName;
  if (reason.kind === "manifest-unreadable") return [{ kind: "unreadable", fileName, detail: reason.detail }];
  if (reason.kind === "manifest-invalid") return [{ kind: "malformed", fileName, detail: reason.detail }];
  return [];
}

async function readDefinitions(
  folder: BackupFolder,
  manifest: Manifest,
  sound: ReadonlySet<string>,
): Promise<readonly Damage[]> {
  const texts = new Map<string, string>();
  const damages: Damage[] = [];
  for (const fileName of definitionFiles(manifest).filter((name) => sound.has(name))) {
    const file = await readBounded(path.join(folder.path, fileName), maximumXmlLength * 4);
    if (file.kind === "text") texts.set(fileName, file.text);
    else
      damages.push({
        kind: "malformed",
        fileName,
        detail: file.kind === "missing" ? "not there" : file.detail,
      });
  }
  return [...damages, ...checkDefinitions(manifest, { texts, folderName: folder.folderName })];
}

function unique(damages: readonly Damage[]): readonly Damage[] {
  const byText = new Map(damages.map((damage) => [JSON.stringify(damage), damage]));
  return [...byText.values()].slice(0, mostDamages);
}
