// Who holds, or was making, a run lock; and removal of what the dead left of theirs.

import { readdir, rmdir, unlink } from "node:fs/promises";
import path from "node:path";
import { systemCode } from "./in-store.ts";
import { lockName } from "./layout.ts";
import { parseLockNote, type LockNote } from "./lock-note.ts";
import { findOwnerState } from "./owner.ts";
import { readBounded } from "./read-bounded.ts";
import { pathKind } from "./real-folder.ts";

/** Somebody whose death cannot be proved. */
export interface LockHolder {
  readonly state: "alive" | "unknown";
  readonly note: LockNote | undefined;
}

/** Somebody who is provably dead. */
export interface DeadHolder {
  readonly state: "gone";
  readonly note: LockNote | undefined;
}

/** Removes the notes of the dead and then the folder; undefined, or the first who may be alive. */
export async function removeDead(lock: string): Promise<LockHolder | undefined> {
  for await (const { file, state, note } of notesIn(lock)) {
    if (state !== "gone") return { state, note };
    await unlink(file).catch(() => {});
  }
  // Some file systems do not rename onto an empty folder. One that is not empty stays.
  await rmdir(lock).catch(() => {});
  return undefined;
}

/** Looks who holds a lock, the first who may be alive before the dead; undefined when nobody does. Removes nothing. */
export async function findHolder(lock: string): Promise<LockHolder | DeadHolder | undefined> {
  let dead: DeadHolder | undefined;
  for await (const { state, note } of notesIn(lock)) {
    if (state !== "gone") return { state, note };
    dead ??= { state, note };
  }
  return dead;
}

/** Removes locks that were being made by processes which are gone. */
export async function sweepUnfinished(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    const made = path.join(folder, name);
    if (name.startsWith(`${lockName}-new-`) && (await pathKind(made)) === "folder")
      // An empty one may have been made this moment.
      if ((await namesIn(made)).length > 0) await removeDead(made);
  }
}

async function* notesIn(lock: string): AsyncGenerator<{ readonly file: string } & (LockHolder | DeadHolder)> {
  for (const name of await namesIn(lock)) {
    const file = path.join(lock, name);
    const reading = await readBounded(file, 16 * 1024);
    if (reading.kind === "missing") continue;
    const note = reading.kind === "text" ? parseLockNote(reading.text) : undefined;
    yield { file, note, state: note === undefined ? "unknown" : await findOwnerState(note.owner) };
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
}
