// A file of ours that no VM is known to use → what it is, and how to look at it.

import type { Recovery } from "../model/recovery.ts";
import { unreachable } from "../model/unreachable.ts";
import { words } from "./wording.ts";

type StrayFile = Extract<Recovery, { kind: "stray-file" }>;

/** Why the file is left alone, commands to look at it, and what must not be done; `again` is the command to run then. */
export function describeStrayFile(file: StrayFile, again: string): string {
  const path = { shell: file.path };
  const looks =
    file.why === "clone"
      ? words`fuser -v ${path}; qemu-img info -U ${path}`
      : words`qemu-img info -U --backing-chain ${path}; qemu-img map -U ${path}; fuser -v ${path}`;
  return words`${file.path} ${{ whole: whatIsIt(file) }}. Look on the host: ${{ whole: looks }}. It must not be deleted while any image is based on it, any VM's definition names it or any process has it open. Then run: ${{ whole: again }}`;
}

function whatIsIt({ why, detail, vm }: StrayFile): string {
  switch (why) {
    case "holds-data":
      return words`is an overlay with data in it that may be nowhere else: the VM runs on ${detail} without it. Keep it, or move it away, until you know that nobody misses what is in it`;
    case "unknown-vm":
      return detail === ""
        ? "is an overlay that is based on nothing, so nobody can tell whose it is"
        : words`is an overlay on ${detail}, which is not the disk of one VM that runs on this host, so nobody can tell whose it is`;
    case "unknown-users":
      return "is an overlay that no VM names, but not of every image of this host can it be told what it is based on";
    case "guarded":
      return words`is an overlay that no VM names, and a guard of ${vm?.name ?? ""} is at work or stuck`;
    case "clone":
      return "is a copy of an image that a backup made to read from, and no guard knows of it";
    case "unreadable":
      return words`has a name of ours and cannot be read as an image: ${{ raw: detail || "no detail" }}`;
    default:
      return unreachable(why);
  }
}
