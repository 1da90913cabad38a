// The file system's refusals as our failures.

import { statfs } from "node:fs/promises";
import { BackupError } from "../model/failure.ts";

/**
 * Does something to the store and turns the system's errors into failures.
 * @throws BackupError `store-full` for ENOSPC and EDQUOT, `store-missing` when the store itself is gone,
 * `store-not-writable` with the system's code for every other system error.
 */
export async function inStore<T>(store: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isSystemError(error) ? await asFailure(store, error) : error;
  }
}

/** The code of a system error such as `ENOENT`; undefined for every other value. */
export function systemCode(error: unknown): string | undefined {
  return isSystemError(error) ? error.code : undefined;
}

/** Free bytes for us on the file system of the store. */
export async function freeBytes(store: string): Promise<number> {
  const facts = await statfs(store);
  return facts.bavail * facts.bsize;
}

interface SystemError extends Error {
  readonly code: string;
  readonly syscall?: string;
  readonly path?: string;
}

function isSystemError(error: unknown): error is SystemError {
  // Not ERR_…: those are Node's own and mean a bug of ours.
  return error instanceof Error && /^E[A-Z0-9]+$/.test(String((error as Partial<SystemError>).code));
}

async function asFailure(store: string, error: SystemError): Promise<BackupError> {
  if (error.code === "ENOSPC" || error.code === "EDQUOT") {
    const free = await freeBytes(store).catch(() => undefined);
    return new BackupError(
      { kind: "store-full", store, neededBytes: undefined, freeBytes: free },
      { cause: error },
    );
  }
  if (error.code === "ENOENT" && error.path === store) {
    return new BackupError({ kind: "store-missing", store }, { cause: error });
  }
  const detail = [error.code, error.syscall, error.path].filter((part) => part !== undefined).join(" ");
  return new BackupError({ kind: "store-not-writable", store, detail }, { cause: error });
}
