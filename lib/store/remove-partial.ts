// Removal of partial folders: our own at once, others' only when their writer is provably gone.

import path from "node:path";
import { BackupError } from "../model/failure.ts";
import { ownerName } from "./layout.ts";
import type { Owner, OwnerState } from "./owner.ts";
import { describeOwner, findOwnerState, formatOwner, parseOwner } from "./owner.ts";
import { readBounded } from "./read-bounded.ts";
import { pathKind } from "./real-folder.ts";
import { removeTree } from "./remove-tree.ts";

/**
 * Removes a partial folder that this process made; nothing happens when it is gone already.
 * @throws BackupError `store-entry-bad` when somebody else's folder is there.
 */
export async function removeOwnPartial(folder: string): Promise<void> {
  if ((await pathKind(folder)) === "nothing") return;
  const owner = await readOwner(folder);
  if (owner === undefined || formatOwner(owner) !== formatOwner(await describeOwner())) {
    throw new BackupError({ kind: "store-entry-bad", path: folder, detail: "not made by this process" });
  }
  await removeTree(folder, ownerName);
}

/** Removes a partial folder if its writer is provably gone; returns what was found. */
export async function removeDeadPartial(folder: string): Promise<OwnerState | "nothing"> {
  const state = await findPartialState(folder);
  if (state === "gone") await removeTree(folder, ownerName);
  return state;
}

/** What can be told of the writer of a partial folder. */
export async function findPartialState(folder: string): Promise<OwnerState | "nothing"> {
  const owner = await readOwner(folder);
  // Its writer may have finished since it was listed.
  if (owner === undefined) return (await pathKind(folder)) === "nothing" ? "nothing" : "unknown";
  return await findOwnerState(owner);
}

async function readOwner(folder: string): Promise<Owner | undefined> {
  if ((await pathKind(folder)) !== "folder") return undefined;
  const reading = await readBounded(path.join(folder, ownerName), 16 * 1024);
  return reading.kind === "text" ? parseOwner(reading.text) : undefined;
}
