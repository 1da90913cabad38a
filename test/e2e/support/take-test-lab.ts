// Test files run side by side, each in a process of its own and with a laboratory of its own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { testLabs } from "../../../scripts/testing/test-labs.ts";
import { cacheDirectory } from "../../lab/lab-place.ts";
import { waitUntil } from "../../lab/wait-until.ts";

let taken: Promise<string> | undefined;

/**
 * The laboratory of this process, by its id: the first that no other process has. It is free again when this process
 * ends, however it ends. `VIRTFOLD_TEST_LAB` names another one, and who names one sees to it that nobody else does.
 */
export async function takeTestLab(): Promise<string> {
  taken ??= takeAny();
  return await taken;
}

async function takeAny(): Promise<string> {
  const named = process.env["VIRTFOLD_TEST_LAB"];
  if (named !== undefined) return named;
  return await waitUntil("a laboratory is free", { limitSeconds: 1800, everyMilliseconds: 500 }, async () => {
    for (const id of testLabs) if (await lock(id)) return id;
    return undefined;
  });
}

/** flock(1) holds the lock, and lives only as long as its standard input. */
async function lock(id: string): Promise<boolean> {
  const folder = join(cacheDirectory(), "locks");
  await mkdir(folder, { recursive: true });
  const script = "echo held; exec cat >/dev/null";
  const holder = spawn(
    "flock",
    ["--exclusive", "--nonblock", join(folder, `taken-${id}`), "sh", "-c", script],
    {
      stdio: ["pipe", "pipe", "inherit"],
      detached: true,
    },
  );
  const said: readonly unknown[] = await Promise.race([once(holder.stdout, "data"), once(holder, "close")]);
  const [first] = said;
  if (!Buffer.isBuffer(first)) return false;
  // Nothing of it may keep this process from its end.
  holder.unref();
  holder.stdout.destroy();
  (holder.stdin as unknown as { unref: () => void }).unref();
  return true;
}
