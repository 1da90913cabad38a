// The moment at which a backup becomes visible.

import { rename } from "node:fs/promises";
import path from "node:path";
import { BackupError } from "../model/failure.ts";
import { syncFolder } from "./durable-file.ts";
import { systemCode } from "./in-store.ts";
import { contentName } from "./layout.ts";
import { pathKind, requireRealFolder } from "./real-folder.ts";
import type { StoreContext } from "./store-context.ts";

/** Where one partial backup lies, and who watches. */
export interface PartialPlace {
  /** The VM's folder. */
  readonly home: string;
  /** `.partial-<id>` in it. */
  readonly folder: string;
  readonly finalPath: string;
  readonly onStep: StoreContext["onStep"];
}

/**
 * Gives the folder its name; never over anything that holds data.
 *
 * Nobody can rename one folder onto another that is not empty, nor onto a file or a link: the kernel refuses
 * (ENOTEMPTY, ENOTDIR). Onto an empty one it would: so that is looked for first, and one that appears between the
 * look and the rename is the only thing that can be replaced. Two runs that publish at once cannot both succeed.
 */
export async function revealFolder(place: PartialPlace): Promise<void> {
  await requireRealFolder(path.dirname(place.home));
  await requireRealFolder(place.home);
  if ((await pathKind(place.finalPath)) !== "nothing") throw conflict(place.finalPath);
  try {
    await rename(path.join(place.folder, contentName), place.finalPath);
  } catch (error) {
    const isTaken = ["EEXIST", "ENOTEMPTY", "ENOTDIR"].includes(systemCode(error) ?? "");
    throw isTaken ? conflict(place.finalPath, error) : error;
  }
  place.onStep("renamed");
  await syncFolder(place.home);
  place.onStep("rename-durable");
}

function conflict(location: string, cause?: unknown): BackupError {
  return new BackupError({ kind: "store-conflict", path: location }, { cause });
}
