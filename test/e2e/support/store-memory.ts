// What a store holds, so that a test can say that nothing came, went or changed.

import assert from "node:assert/strict";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { hashFile } from "../../../lib/store/hash-file.ts";

/** Every path below a store with what is there: a file's checksum, mode and time, a link's target. */
export type StoreMemory = Readonly<Record<string, string>>;

/** Remembers all of a store but what belongs to no VM, and is slow on a big one: it reads every byte. */
export async function rememberStore(store: string): Promise<StoreMemory> {
  return await describeAll(store, await namesIn(store));
}

/** The same of what was remembered before and is still there; what is new is not read. */
export async function lookAgain(store: string, before: StoreMemory): Promise<StoreMemory> {
  return await describeAll(
    store,
    (await namesIn(store)).filter((name) => name in before),
  );
}

/**
 * Asserts that everything the store held is there as it was, and nothing else but empty folders of hosts and VMs:
 * no new backup, no partial one.
 */
export async function assertStoreAsBefore(store: string, before: StoreMemory): Promise<void> {
  const now = await rememberStore(store);
  const isNew = (name: string): boolean => !(name in before) && now[name] !== "folder";
  assert.deepEqual(
    Object.fromEntries(Object.entries(now).filter(([name]) => name in before || isNew(name))),
    before,
    `store ${store} is not as before`,
  );
  assert.deepEqual(
    Object.keys(now).filter((name) => !(name in before) && name.split("/").length > 2),
    [],
  );
}

/** The folders of a VM that a person takes for backups, oldest first. */
export async function backupFolders(store: string, host: string, vm: string): Promise<string[]> {
  const names = await readdir(join(store, host, vm)).catch(() => []);
  return names.filter((name) => /^\d{4}-\d\d-\d\d-\d{6}$/.test(name)).toSorted();
}

async function namesIn(store: string): Promise<readonly string[]> {
  return (await readdir(store, { recursive: true })).filter((name) => !/^\.virtfold(\/|$)/.test(name));
}

async function describeAll(store: string, names: readonly string[]): Promise<StoreMemory> {
  const memory: Record<string, string> = {};
  for (const name of names.toSorted()) memory[name] = await describe(join(store, name));
  return memory;
}

async function describe(path: string): Promise<string> {
  const facts = await lstat(path);
  if (facts.isDirectory()) return "folder";
  if (facts.isSymbolicLink()) return `link to ${await readlink(path)}`;
  // A disk is not read into memory: a process that has become big takes tens of milliseconds to start each child.
  return `${await hashFile(path)} ${facts.mode.toString(8)} ${facts.mtime.toISOString()}`;
}
