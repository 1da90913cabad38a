// An OpenSSH configuration of a test's own: the laboratory's, with some settings changed.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BackupCase } from "./backup-case.ts";

/** Writes the laboratory's configuration with these settings instead of its own, and returns the file's path. */
export async function writeSshSettings(
  { lab, scratch }: Pick<BackupCase, "lab" | "scratch">,
  name: string,
  settings: Readonly<Record<string, string>>,
): Promise<string> {
  const file = join(scratch.directory, `ssh-${name}`);
  const kept = (await readFile(lab.sshConfig, "utf8"))
    .split("\n")
    .filter((line) => !Object.keys(settings).some((key) => line.trim().startsWith(`${key} `)));
  const changed = Object.entries(settings).map(([key, value]) => `  ${key} ${value}`);
  await writeFile(file, ["Host *", ...changed, ...kept].join("\n"));
  return file;
}
