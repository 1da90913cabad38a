// The state of an image file or device, in one line that any write changes.

import type { SourceKind } from "../model/vm.ts";
import type { Command } from "../shell/command.ts";

// A device node keeps its times when the device is written to; the kernel's count of sectors written does change
// (Documentation/block/stat.rst, field 7).
const text = `
set -e
case $(stat -L -c '%F' -- "$1") in
  'block special file')
    set -- $(stat -L -c '%t %T' -- "$1")
    device=$((0x$1)):$((0x$2))
    read -r sectors <"/sys/dev/block/$device/size"
    set -- $(cat "/sys/dev/block/$device/stat")
    printf 'block %s %s %s\\n' "$device" $((sectors * 512)) "$7" ;;
  *) stat -L -c 'file %d:%i %s %y %z' -- "$1" ;;
esac`;

/**
 * Prints one line, `file DEVICE:INODE LENGTH TIMES` or `block MAJOR:MINOR LENGTH SECTORS-WRITTEN`. It differs after any
 * write, replacement or change of owner; reading changes nothing in it.
 */
export function stampCommand(path: string): Command {
  return ["sh", "-c", text, "sh", path];
}

/** What a stamp says of its image besides its state. */
export interface StampFacts {
  readonly source: SourceKind;
  /** The same for every path that leads to the image. */
  readonly identity: string;
  /** Length in bytes, holes included. */
  readonly bytes: number;
}

/** Reads a stamp; undefined when it is none. */
export function readStamp(stamp: string): StampFacts | undefined {
  const [, source, id, length] = /^(file|block) (\d+:\d+) (\d{1,18}) \S.*\n?$/.exec(stamp) ?? [];
  const bytes = Number(length);
  if ((source !== "file" && source !== "block") || !Number.isSafeInteger(bytes)) return undefined;
  return { source, identity: `${source} ${id ?? ""}`, bytes };
}
