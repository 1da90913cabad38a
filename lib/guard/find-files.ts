// The other end of find.sh: files on a host that have names of ours.

import type { HostShell } from "../backup/ports.ts";
import { BackupError } from "../model/failure.ts";
import type { FileOfOurs } from "../model/recovery.ts";
import { readScript } from "./read-script.ts";

/** Network storage may be slow to list. */
const findDeadlineSeconds = 120;

/**
 * Finds files with names of ours right in these folders, in one round trip.
 * @throws BackupError when the host cannot be asked to the end.
 */
export async function findFiles(
  shell: HostShell,
  folders: readonly string[],
): Promise<readonly FileOfOurs[]> {
  const options = { deadlineSeconds: findDeadlineSeconds };
  const { code, stdout, stderr } = await shell.runScript(await readScript("find.sh"), folders, options);
  const detail = stderr.trim().split("\n").at(-1) ?? "";
  if (code !== 0)
    throw new BackupError({ kind: "command-failed", host: shell.name, command: "find.sh", code, detail });
  return stdout.split("\n").flatMap((line) => readLine(line, folders));
}

function readLine(line: string, folders: readonly string[]): readonly FileOfOurs[] {
  const [kind, number = "", name = "", inode = "", type] = line.split("\t");
  const folder = folders[Number(number) - 1];
  const isSound = /^[A-Za-z0-9._-]{1,255}$/.test(name) && /^\d+:\d+$/.test(inode);
  if (kind !== "file" || folder === undefined || !isSound) return [];
  return [{ path: `${folder === "/" ? "" : folder}/${name}`, inode, isPlain: type === "plain" }];
}
