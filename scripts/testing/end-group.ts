import { setTimeout as sleep } from "node:timers/promises";

/** Ends a process group, TERM and after the grace KILL, and waits until nothing of it is left. */
export async function endGroup(group: number, graceSeconds: number): Promise<void> {
  const killAt = performance.now() + graceSeconds * 1000;
  signalGroup(group, "SIGTERM");
  while (signalGroup(group, 0)) {
    if (performance.now() > killAt) {
      signalGroup(group, "SIGKILL");
      return;
    }
    await sleep(100);
  }
}

/** Whether there was a process to take the signal. */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}
