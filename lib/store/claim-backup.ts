// Who reads a backup, and who removes it: never both at once.
//
//   .reading-<folder>-<token>.json     beside the backup; any number of readers at once
//   .removing-<folder>-<token>.json    one, and no reader
//
// Whoever wants either writes his own note first and looks for others' notes then, and takes his own away when there is
// one: so of two who come at once at least one sees the other. A note of a process that is provably gone is taken away
// by whoever meets it; one of another machine stays until a person removes it, for no backup is lost by staying.

import { randomBytes } from "node:crypto";
import { unlinkSync } from "node:fs";
import { readdir, unlink } from "node:fs/promises";
import path from "node:path";
import { BackupError } from "../model/failure.ts";
import { systemCode } from "./in-store.ts";
import { claimName, readClaimName, type ClaimKind } from "./layout.ts";
import { formatLockNote, parseLockNote, type LockNote } from "./lock-note.ts";
import { describeOwner, findOwnerState } from "./owner.ts";
import { readBounded } from "./read-bounded.ts";
import { replaceFile } from "./replace-file.ts";

/** The right to read a backup, or to remove it. */
export interface Claim {
  /** Gives it up; at once, so that it can be done on every way out. Nothing happens the second time. */
  release(): void;
}

export interface ClaimOptions {
  readonly kind: ClaimKind;
  readonly user: string;
  readonly now: Date;
}

/**
 * Claims a backup until it is released, at the latest when this process exits. It need not be there any more: look then.
 * @throws BackupError `backup-claimed` when somebody else's claim stands against it; system errors.
 */
export async function claimBackup(
  vmFolder: string,
  folderName: string,
  { kind, user, now }: ClaimOptions,
): Promise<Claim> {
  const own = claimName(kind, folderName, randomBytes(8).toString("hex"));
  const file = path.join(vmFolder, own);
  const note = { owner: await describeOwner(), user, since: now.toISOString() };
  releaseAtExit(file);
  try {
    await replaceFile(file, formatLockNote(note), { mode: 0o600 });
    await refuseRival(vmFolder, { own, kind, folderName });
  } catch (error) {
    release(file);
    throw error;
  }
  return { release: () => release(file) };
}

/** Takes away the notes of processes that are provably gone. Throws system errors. */
export async function sweepClaims(vmFolder: string): Promise<void> {
  for (const name of await readdir(vmFolder))
    if (readClaimName(name) !== undefined) await findHolder(path.join(vmFolder, name));
}

async function refuseRival(
  vmFolder: string,
  claim: { readonly own: string; readonly kind: ClaimKind; readonly folderName: string },
): Promise<void> {
  for (const name of await readdir(vmFolder)) {
    const other = readClaimName(name);
    if (other === undefined || name === claim.own) continue;
    const holder = await findHolder(path.join(vmFolder, name));
    const isRival = other.kind === "removing" || claim.kind === "removing";
    if (holder === undefined || !isRival || other.folderName !== claim.folderName) continue;
    throw rivalry(path.join(vmFolder, claim.folderName), {
      by: other.kind,
      file: path.join(vmFolder, name),
      ...holder,
    });
  }
}

interface Holder {
  readonly state: "alive" | "unknown";
  readonly note: LockNote | undefined;
}

/** Undefined when nobody holds it any more; then the note is gone too. */
async function findHolder(file: string): Promise<Holder | undefined> {
  const reading = await readBounded(file, 16 * 1024);
  if (reading.kind === "missing") return undefined;
  const note = reading.kind === "text" ? parseLockNote(reading.text) : undefined;
  const state = note === undefined ? "unknown" : await findOwnerState(note.owner);
  if (state !== "gone") return { state, note };
  await unlink(file).catch(() => {});
  return undefined;
}

function rivalry(
  backup: string,
  { by, file, state, note }: Holder & { readonly by: ClaimKind; readonly file: string },
): BackupError {
  const holder = note && { user: note.user, machine: note.owner.hostname, pid: note.owner.pid };
  return new BackupError({ kind: "backup-claimed", path: backup, by, state, note: file, holder });
}

/** One listener for all claims: many may be held at once. */
const held = new Set<string>();

function releaseAtExit(file: string): void {
  if (held.size === 0) process.on("exit", releaseAll);
  held.add(file);
}

function releaseAll(): void {
  for (const file of held) release(file);
}

function release(file: string): void {
  if (!held.delete(file)) return;
  if (held.size === 0) process.off("exit", releaseAll);
  try {
    unlinkSync(file);
  } catch (error) {
    // Gone already, or never made. What stays is known to be ours, and dead.
    if (systemCode(error) === undefined) throw error;
  }
}
