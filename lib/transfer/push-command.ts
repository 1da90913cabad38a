// How rsync is called to bring one file to a host. Pure.

import type { Command } from "../shell/command.ts";
import { bandwidthOption, bracketAddress, escapeWildcards, quoteForRsync } from "./rsync-command.ts";
import type { TransferLink } from "./transfer-link.ts";

/**
 * The rsync command of one push. Straight into the file, so that nothing but that file is ever made, and what a broken
 * link has left there need not be sent again. Nothing of the archive options; no link is followed on this machine.
 */
export function pushCommand(
  { localPath, hostPath }: { readonly localPath: string; readonly hostPath: string },
  link: TransferLink,
): Command {
  const { farEnd } = link;
  return [
    "rsync",
    "-s",
    "-I",
    "--inplace",
    // Together with --inplace since 3.1.3; before, holes are written out.
    ...(link.canFillSparsely ? ["--sparse"] : []),
    "--no-inc-recursive",
    ...(link.canBoundMemory ? ["--max-alloc=1g"] : []),
    ...bandwidthOption(link.bytesPerSecond),
    "--timeout=120",
    "--no-h",
    "--info=progress2,name0",
    "--outbuf=L",
    ...(farEnd.rsyncPath === undefined ? [] : [`--rsync-path=${farEnd.rsyncPath}`]),
    "-e",
    farEnd.rsyncShell.map(quoteForRsync).join(" "),
    "--",
    localPath,
    `${bracketAddress(farEnd.destination)}:${escapeWildcards(hostPath)}`,
  ];
}
