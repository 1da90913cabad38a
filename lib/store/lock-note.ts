// What a run lock says of its holder. Pure.

import { formatOwner, parseOwner, type Owner } from "./owner.ts";

/** Who holds a lock, and since when. */
export interface LockNote {
  readonly owner: Owner;
  readonly user: string;
  /** ISO 8601, by the holder's clock. */
  readonly since: string;
}

/** The text of a lock's note. */
export function formatLockNote({ owner, user, since }: LockNote): string {
  return `${JSON.stringify({ ...(JSON.parse(formatOwner(owner)) as object), user, since }, undefined, 2)}\n`;
}

/** Reads a note that anybody may have written; undefined when it is none. */
export function parseLockNote(text: string): LockNote | undefined {
  const owner = parseOwner(text);
  if (owner === undefined) return undefined;
  const { user, since } = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const fact = (value: unknown): string =>
    typeof value === "string" && value.length <= 256 ? value : "unknown";
  return { owner, user: fact(user), since: fact(since) };
}
