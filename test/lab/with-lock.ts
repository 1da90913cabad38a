import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheDirectory } from "./lab-place.ts";

/**
 * Holds a lock of this machine while the work is done.
 *
 * flock(1) holds it, and lives only as long as its standard input: however this process dies, the lock goes with it.
 */
export async function withLock<T>(name: string, limitSeconds: number, work: () => Promise<T>): Promise<T> {
  const file = join(cacheDirectory(), "locks", name);
  await mkdir(dirname(file), { recursive: true });
  const holder = spawn(
    "flock",
    ["--exclusive", "--wait", String(limitSeconds), file, "sh", "-c", "echo held; exec cat"],
    {
      stdio: ["pipe", "pipe", "inherit"],
      detached: true, // Ctrl-C must not open the lock before the work has ended
    },
  );
  const ended = once(holder, "close");
  const first = await Promise.race([once(holder.stdout, "data"), ended]);
  if (!Buffer.isBuffer(first[0])) {
    throw new Error(`Cannot lock "${name}": another process has held it for ${limitSeconds} s (${file})`);
  }
  try {
    return await work();
  } finally {
    holder.stdin.end();
    await ended;
  }
}
