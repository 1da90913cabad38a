import { readdir, readFile } from "node:fs/promises";
import type { HostPlace } from "./lab-place.ts";
import { runLocal } from "../../lib/shell/run-local.ts";
import { waitUntil } from "./wait-until.ts";

/** Every process in the host's network namespace: what runs in it, and what was sent into it from outside. */
export async function processesOf(namespace: string): Promise<number[]> {
  const { code, stdout } = await runLocal(["ip", "netns", "pids", namespace], { deadlineSeconds: 20 });
  return code === 0 ? stdout.split("\n").filter(Boolean).map(Number) : [];
}

/** The process (seen from this machine) that is PID 1 of the host; undefined when the host is not running. */
export async function initOf(place: HostPlace): Promise<number | undefined> {
  for (const pid of await processesOf(place.namespace)) {
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    if (/^NSpid:\s+\d+\s+1$/m.test(status)) return pid;
  }
  return undefined;
}

/** Kills these processes, one by one by their ids, and waits until they are gone. */
export async function killAll(find: () => Promise<number[]>): Promise<void> {
  await waitUntil(
    "the processes of the lab are gone",
    { limitSeconds: 20, everyMilliseconds: 50 },
    async () => {
      const alive = await find();
      for (const pid of alive) {
        try {
          process.kill(pid, "SIGKILL");
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
        }
      }
      return alive.length === 0 ? true : undefined;
    },
  );
}

/**
 * Processes whose mount namespace was made for this folder, wherever they run: a host whose network namespace has lost
 * its name is found by the upper layer of its root.
 */
export async function processesMountedFrom(directory: string): Promise<number[]> {
  const found: number[] = [];
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const mounts = await readFile(`/proc/${entry}/mountinfo`, "utf8").catch(() => "");
    if (mounts.includes(`upperdir=${directory}/`)) found.push(Number(entry));
  }
  return found;
}
