// The shells that guard.sh must run under, as this machine has them.

import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";

/** A POSIX shell. */
export interface Shell {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** Tools that go with it instead of the machine's own; virsh, qemu-img and flock are never among them. */
  readonly applets: readonly string[];
}

const applets =
  "awk basename cat cp cut date dirname grep head id ls mkdir mktemp mv rm rmdir sed sleep stat sync tail timeout tr wc";

const known: readonly Shell[] = [
  { name: "dash", command: ["dash"], applets: [] },
  { name: "busybox", command: ["busybox", "sh"], applets: applets.split(" ") },
  { name: "bash", command: ["bash"], applets: [] },
];

/** The known shells that are installed; `sh`, whatever it is, where none of them is. */
export const shells: readonly Shell[] = installedOnes();

function installedOnes(): readonly Shell[] {
  const found = known.filter(({ command: [program] }) => pathOf(program) !== "");
  return found.length > 0 ? found : [{ name: "sh", command: ["sh"], applets: [] }];
}

/** A folder for the start of PATH in which the shell's own tools lie. */
export function linkApplets(shell: Shell, directory: string): string {
  const folder = join(directory, "applets");
  mkdirSync(folder);
  const program = pathOf(shell.command[0]);
  for (const applet of shell.applets) symlinkSync(program, join(folder, applet));
  return folder;
}

function pathOf(program: string): string {
  return execFileSync("sh", ["-c", `command -v ${program} || true`], { encoding: "utf8" }).trim();
}
