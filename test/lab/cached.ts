import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { exists } from "./exists.ts";
import { cacheDirectory } from "./lab-place.ts";
import { runChecked } from "./run-checked.ts";
import { withLock } from "./with-lock.ts";

const buildLimitSeconds = 900;

/**
 * The folder of something built once per machine. It appears under its name only when it is whole, and is never
 * written again.
 */
export async function cached(name: string, build: (directory: string) => Promise<void>): Promise<string> {
  const directory = join(cacheDirectory(), name);
  if (await exists(directory)) return directory;
  return withLock(`${name}.lock`, buildLimitSeconds, async () => {
    if (await exists(directory)) return directory;
    const building = `${directory}.building`;
    await rm(building, { recursive: true, force: true });
    await mkdir(building, { recursive: true });
    await build(building);
    await runChecked(["sync", "--file-system", building], { deadlineSeconds: 120 });
    await rename(building, directory);
    return directory;
  });
}
