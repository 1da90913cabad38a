import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { usage } from "./usage.ts";

/** Checks that a hook, where one is wanted, is a program that may be run. @throws BackupError `usage`. */
export async function checkHook(program: string | undefined): Promise<void> {
  if (program === undefined) return;
  const trouble = await troubleWith(program);
  if (trouble === undefined) return;
  const detail = `cannot be ${JSON.stringify(program)}: ${trouble}`;
  throw usage("backup", `--hook (or VIRTFOLD_HOOK) ${detail}`);
}

async function troubleWith(program: string): Promise<string | undefined> {
  try {
    if (!(await stat(program)).isFile()) return "it is no file";
    await access(program, constants.X_OK);
    return undefined;
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    return code === "EACCES"
      ? "it may not be run; chmod +x makes it a program"
      : `it cannot be used (${code})`;
  }
}
