// Whose a file is: asked of a host, and set there.

import { ownerPattern, type FileAccess } from "../model/file-access.ts";
import type { Command } from "../shell/command.ts";

/** Prints one line for `readFileAccess`. */
export function fileAccessCommand(path: string): Command {
  return ["stat", "-L", "-c", "%a %u %g %U %G", "--", path];
}

/** Reads it; undefined when it is something else. */
export function readFileAccess(text: string): FileAccess | undefined {
  const [, mode = "", uid = "", gid = "", names = ""] = /^([0-7]{1,4}) (\d+) (\d+) (.*)\n?$/.exec(text) ?? [];
  if (uid === "") return undefined;
  // A name with a blank in it is told by its number: nobody could say where it ends.
  const [user = "", group = "", ...others] = names.split(" ");
  const nameOr = (text: string, id: string): string =>
    others.length === 0 && ownerPattern.test(text) && text !== "UNKNOWN" ? text : id;
  return { user: nameOr(user, uid), group: nameOr(group, gid), mode: `0${mode.padStart(3, "0").slice(-3)}` };
}

/** The owner first: a file that cannot be given away stays closed. */
const grantText = 'chown -- "$2:$3" "$1" && chmod -- "$4" "$1"';

/** Makes a file theirs; fails where the host does not know them, or where this is not ours to do. */
export function grantCommand(path: string, { user, group, mode }: FileAccess): Command {
  return ["sh", "-c", grantText, "sh", path, user, group, mode];
}
