import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { usage } from "./usage.ts";

/**
 * Checks that OpenSSH's configuration file, where one is named, can be read: looked at here, because every host would
 * complain of it. @throws BackupError `usage`.
 */
export async function checkSshConfig(command: string, file: string | undefined): Promise<void> {
  if (file === undefined) return;
  try {
    await access(file, constants.R_OK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "there is no such file" : message;
    throw usage(command, `--ssh-config (or VIRTFOLD_SSH_CONFIG) cannot be ${JSON.stringify(file)}: ${why}`);
  }
}
