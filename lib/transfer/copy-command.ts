// How one file or device comes from a host, as a command. Pure: shown by a plan, run by the copiers.

import type { CopyResult } from "../backup/ports.ts";
import type { SourceKind } from "../model/vm.ts";
import type { Command } from "../shell/command.ts";
import type { CopySubject } from "./copy-subject.ts";
import { canRsyncName, rsyncCommand } from "./rsync-command.ts";
import type { TransferLink } from "./transfer-link.ts";

type Ends = Pick<CopySubject, "path" | "destination">;

/** A device's bytes are streamed, and those of files that rsync cannot be asked for. */
export function copyMethod(path: string, source: SourceKind, link: TransferLink): CopyResult["method"] {
  return source === "block" || !link.hasRsync || !canRsyncName(path) ? "stream-direct" : "rsync-direct";
}

/** The rsync that brings a file. */
export function pullCommand({ path, destination }: Ends, link: TransferLink): Command {
  return rsyncCommand({
    ...link.farEnd,
    remotePath: path,
    localPath: destination,
    canBoundMemory: link.canBoundMemory,
    bytesPerSecond: link.bytesPerSecond,
  });
}

/** The shell that brings bytes; what it is to read travels on its standard input. */
export function streamCommand({ farEnd }: Pick<TransferLink, "farEnd">): Command {
  return farEnd.scriptShell;
}
