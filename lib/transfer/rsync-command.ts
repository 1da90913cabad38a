// How rsync is called to pull one file from a host that may be hostile. Pure.

import type { Command } from "../shell/command.ts";
import type { FarEnd } from "./far-end.ts";

/** One pull. */
export interface RsyncPull extends Pick<FarEnd, "rsyncShell" | "destination" | "rsyncPath"> {
  readonly remotePath: string;
  readonly localPath: string;
  /** Whether both ends know `--max-alloc`. */
  readonly canBoundMemory: boolean;
  /** 0 for no limit. */
  readonly bytesPerSecond: number;
}

/**
 * The rsync command of one pull. Nothing of the archive options, which let a sender create links, devices and
 * owners; and always `-I`, because a file of equal size and time would be taken for equal.
 */
export function rsyncCommand(pull: RsyncPull): Command {
  return [
    "rsync",
    // The path travels in rsync's own protocol and not through the host's shell.
    "-s",
    "-I",
    // Images may be symbolic links on the host.
    "-L",
    "--sparse",
    "--partial-dir=.rsync-partial",
    // The default between machines. Without it rsync 3.2.3 empties what was left of a broken transfer before it reads it,
    // so that going on there never passes its own check (measured; mended in 3.2.4, in Debian 11 without a new number).
    "--no-W",
    "--no-inc-recursive",
    ...(pull.canBoundMemory ? ["--max-alloc=1g"] : []),
    ...bandwidthOption(pull.bytesPerSecond),
    "--timeout=120",
    "--no-h",
    "--info=progress2,name0,stats1",
    "--outbuf=L",
    ...(pull.rsyncPath === undefined ? [] : [`--rsync-path=${pull.rsyncPath}`]),
    "-e",
    pull.rsyncShell.map(quoteForRsync).join(" "),
    "--",
    `${bracketAddress(pull.destination)}:${escapeWildcards(pull.remotePath)}`,
    pull.localPath,
  ];
}

/** The end that sends keeps to it. In whole KiB, which every rsync understands, and never 0, which is no limit. */
export function bandwidthOption(bytesPerSecond: number): readonly string[] {
  return bytesPerSecond === 0 ? [] : [`--bwlimit=${Math.max(1, Math.floor(bytesPerSecond / 1024))}`];
}

/**
 * Whether rsync can be asked for exactly this path. Since 3.2.5 it rejects what it asked for itself when the name holds
 * both a wildcard, which must be escaped, and a backslash (measured with 3.5.0; it fails and copies nothing).
 */
export function canRsyncName(path: string): boolean {
  return !(path.includes("\\") && wildcard.test(path));
}

const wildcard = /[*?[]/;

/** Quotes for rsync's own splitter of `-e`: no backslashes; a doubled quote stands for itself. */
export function quoteForRsync(argument: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(argument) ? argument : `"${argument.replaceAll('"', '""')}"`;
}

/** rsync expands wildcards on the host also with `-s`. */
export function escapeWildcards(path: string): string {
  return wildcard.test(path) ? path.replaceAll(/[*?[]/g, "\\$&") : path;
}

/** An IPv6 address needs brackets here, and here only. */
export function bracketAddress(destination: string): string {
  const [, user = "", address = destination] = /^(.*@)?(.*)$/.exec(destination) ?? [];
  return address.includes(":") && !address.startsWith("[") ? `${user}[${address}]` : destination;
}
