// Verifies stored backups, several at once, and puts what was found beside each.

import { hostname } from "node:os";
import path from "node:path";
import { toolVersion } from "../config/tool.ts";
import { localImageTools } from "../images/image-tools.ts";
import type { Emit } from "../model/event.ts";
import { BackupError } from "../model/failure.ts";
import type { Verification, VerifyEvent } from "../model/verification.ts";
import type { NamedBackup } from "../plan/choose-to-verify.ts";
import { systemCode } from "../store/in-store.ts";
import { pathKind } from "../store/real-folder.ts";
import { writeVerifyRecord } from "../store/verify-records.ts";
import { verifyBackup, type Findings } from "../verify/verify-backup.ts";
import { holdForReading } from "./hold-for-reading.ts";
import { runFleet } from "./run-fleet.ts";

export interface VerifyOptions {
  /** Of the store. */
  readonly directory: string;
  /** Backups at once. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly emit: Emit<VerifyEvent>;
}

/**
 * Reads these backups again. None is removed while it is read; one that is being removed is passed over.
 * @throws BackupError for what is no fault of a backup, such as `tool-missing`. After an abort it returns: what was
 * read by then is told and recorded.
 */
export async function verifyStore(backups: readonly NamedBackup[], options: VerifyOptions): Promise<void> {
  const { emit, directory, concurrency, signal } = options;
  emit({
    kind: "verify-started",
    store: directory,
    backups: backups.length,
    bytes: backups.reduce((sum, backup) => sum + expectedBytes(backup), 0),
  });
  const read = new Map<NamedBackup, number>();
  const onBytes = (backup: NamedBackup, bytes: number): void => {
    read.set(backup, bytes);
    emit({ kind: "verify-progress", bytes: [...read.values()].reduce((sum, count) => sum + count, 0) });
  };
  const items = backups.map((backup) => ({ host: directory, backup }));
  await runFleet(items, { fleet: concurrency, perHost: concurrency }, async ({ backup }) => {
    if (signal.aborted) return;
    try {
      await verifyOne(backup, { ...options, onBytes: (bytes) => onBytes(backup, bytes) });
    } catch (error) {
      if (!(error instanceof BackupError && error.reason.kind === "interrupted")) throw error;
    }
  });
}

type OneOptions = VerifyOptions & { readonly onBytes: (bytes: number) => void };

async function verifyOne(backup: NamedBackup, options: OneOptions): Promise<void> {
  const { emit } = options;
  const hold = await holdForReading(backup).catch((error: unknown) => {
    if (error instanceof BackupError && error.reason.kind === "backup-claimed") return undefined;
    throw error;
  });
  if (hold === undefined) {
    emit({ kind: "passed-over", path: backup.path, why: "being-removed" });
    return;
  }
  if (hold.claim === undefined) emit({ kind: "not-held", path: backup.path, detail: hold.detail });
  try {
    // It may have been removed, and its folder's name been given to another one, since it was listed.
    if ((await pathKind(backup.path)) !== "folder") {
      emit({ kind: "passed-over", path: backup.path, why: "gone" });
      return;
    }
    emit({ kind: "verified", result: await readAndRecord(backup, options) });
  } finally {
    hold.claim?.release();
  }
}

async function readAndRecord(backup: NamedBackup, options: OneOptions): Promise<Verification> {
  const { directory, signal, onBytes } = options;
  const began = performance.now();
  const vmFolder = path.dirname(backup.path);
  const folder = {
    path: backup.path,
    hostFolder: path.basename(path.dirname(vmFolder)),
    vmFolder: path.basename(vmFolder),
    folderName: backup.folderName,
  };
  const images = localImageTools({ vm: backup.vm, store: directory, signal });
  const findings = await verifyBackup(folder, { images, signal, onBytes });
  const seconds = Math.round(performance.now() - began) / 1000;
  const recordProblem = await record(backup, findings, seconds);
  const { host, vm, path: place, folderName } = backup;
  const { state, damages, detail, bytes } = findings;
  return { host, vm, path: place, folderName, state, damages, detail, bytes, seconds, recordProblem };
}

/** Why the result could not be put beside the backup. One that is broken for everybody to see needs no record. */
async function record(backup: NamedBackup, findings: Findings, seconds: number): Promise<string | undefined> {
  const { backupId, state, damages, bytes } = findings;
  if (backupId === undefined || state === "unchecked") return undefined;
  try {
    await writeVerifyRecord(
      { path: backup.path, folderName: backup.folderName, backupId },
      {
        version: 1,
        backupId,
        verifiedAt: new Date().toISOString(),
        state,
        damages: damages.map((damage) => ({ ...damage, detail: damage.detail.slice(0, 2000) })),
        bytes,
        seconds,
        tool: { name: "virtfold", version: toolVersion },
        machine: hostname(),
      },
    );
    return undefined;
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    return code;
  }
}

function expectedBytes(backup: NamedBackup): number {
  if (backup.kind === "broken") return 0;
  return backup.manifest.disks.flatMap(({ layers }) => layers).reduce((sum, { bytes }) => sum + bytes, 0);
}
