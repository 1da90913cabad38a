// One backup run at a time per store.
//
//   .virtfold/lock/<token>.json         held: says by whom. No two holders ever have the same token
//   .virtfold/lock-new-<token>/         a lock that is being made; one rename puts it in place
//
// A rename onto a folder that is not empty fails, on every file system: so only one can win. Whoever takes over from a
// dead holder removes that holder's own note by its name, never the folder with whatever may be in it by then.

import { randomBytes } from "node:crypto";
import { rmdirSync, unlinkSync } from "node:fs";
import { chmod, mkdir, rename, rmdir, unlink } from "node:fs/promises";
import path from "node:path";
import { BackupError } from "../model/failure.ts";
import type { StoreLock } from "../model/finding.ts";
import { syncFolder, writeDurably } from "./durable-file.ts";
import { inStore, systemCode } from "./in-store.ts";
import { lockName, ownFolderName } from "./layout.ts";
import { findHolder, removeDead, sweepUnfinished, type LockHolder } from "./lock-holders.ts";
import { formatLockNote } from "./lock-note.ts";
import { ownFolder } from "./own-folder.ts";
import { describeOwner } from "./owner.ts";
import { pathKind } from "./real-folder.ts";

/** The right to run a backup into a store. */
export interface RunLock {
  /** Gives it up; at once, so that it can be done on every way out. Nothing happens the second time. */
  release(): void;
}

/** How often to try again when others take and leave the lock meanwhile. */
const attempts = 20;

/**
 * Takes the lock of a store, also from a holder that is provably dead. It is given up at the latest when this process
 * exits.
 * @throws BackupError `store-held` when another run holds it, or may; `store-entry-bad` when something else is there.
 */
export function takeRunLock(
  store: string,
  { user, now }: { readonly user: string; readonly now: Date },
): Promise<RunLock> {
  return inStore(store, async () => {
    const folder = await ownFolder(store);
    const note = { owner: await describeOwner(), user, since: now.toISOString() };
    await sweepUnfinished(folder);
    const token = randomBytes(8).toString("hex");
    const made = path.join(folder, `${lockName}-new-${token}`);
    await mkdir(made, { mode: 0o700 });
    try {
      await chmod(made, 0o700);
      await writeDurably(path.join(made, `${token}.json`), formatLockNote(note));
      const lock = path.join(folder, lockName);
      await putInPlace(made, lock, store);
      await syncFolder(folder);
      return heldLock(lock, token);
    } catch (error) {
      await unlink(path.join(made, `${token}.json`)).catch(() => {});
      await rmdir(made).catch(() => {});
      throw error;
    }
  });
}

/** Looks who has the lock of a store, and changes nothing; undefined when nobody has. */
export async function findRunLock(store: string): Promise<StoreLock | undefined> {
  return await inStore(store, async () => {
    const lock = path.join(store, ownFolderName, lockName);
    const found = await findHolder(lock);
    if (found === undefined) return undefined;
    const { holder, since } = tellHolder(found.note);
    return { path: lock, state: found.state === "gone" ? "dead" : found.state, holder, since };
  });
}

async function putInPlace(made: string, lock: string, store: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const kind = await pathKind(lock);
    if (kind !== "folder" && kind !== "nothing") throw bad(lock, `${kind}, not a folder`);
    if (kind === "folder") await clear(lock, store);
    try {
      await rename(made, lock);
      return;
    } catch (error) {
      // Somebody was faster: look who.
      if (!["ENOTEMPTY", "EEXIST"].includes(systemCode(error) ?? "") || attempt >= attempts) throw error;
    }
  }
}

/** Removes the notes of dead holders. @throws BackupError `store-held` when one may be alive. */
async function clear(lock: string, store: string): Promise<void> {
  const holder = await removeDead(lock);
  if (holder !== undefined) throw held({ store, lock, ...holder });
}

function heldLock(lock: string, token: string): RunLock {
  const release = (): void => {
    process.off("exit", release);
    try {
      unlinkSync(path.join(lock, `${token}.json`));
      rmdirSync(lock);
    } catch {
      // Gone already, or taken over by the next one. What stays is known to be ours, and dead.
    }
  };
  process.on("exit", release);
  return { release };
}

function held({ store, lock, state, note }: LockHolder & { store: string; lock: string }): BackupError {
  return new BackupError({ kind: "store-held", store, lock, state, ...tellHolder(note) });
}

function tellHolder(note: LockHolder["note"]): Pick<StoreLock, "holder" | "since"> {
  const { owner, user, since } = note ?? {};
  const holder = owner && { user: user ?? "", machine: owner.hostname, pid: owner.pid };
  return { holder, since };
}

function bad(location: string, detail: string): BackupError {
  return new BackupError({ kind: "store-entry-bad", path: location, detail });
}
