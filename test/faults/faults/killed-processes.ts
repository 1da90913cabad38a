// Processes of a run are killed on the host.

import type { LabHost } from "../../lab/lab-host.ts";
import { waitUntil } from "../../lab/wait-until.ts";
import { firstSession, rsyncOnHost } from "../../e2e/support/session-processes.ts";
import { ordinary, type Fault } from "../fault.ts";
import { guardProcesses } from "../guards-on-host.ts";
import { killInHost } from "../kill-in-host.ts";
import { fromPointOn, type Exclusion, type Outcome } from "../outcome.ts";

/** The session in which the host is told what to do. */
export const sessionKilled: Fault = {
  ...ordinary,
  ...{ name: "SSH session killed", label: "SSH" },
  inject: async ({ host }) => killInHost(host, [await firstSession(host)]),
  outcomeAt: fromPointOn<Outcome>({
    // Whether the command that was under way had been answered.
    "inspect-vm": "either",
    copying: "good",
    copied: "either",
    "restore-host": "good",
  }),
};

const noGuard: Exclusion = { excluded: "no guard is at work" };

/** The guard is gone while its controller lives, which starts another watcher. */
export const guardKilled: Fault = {
  ...ordinary,
  ...{ name: "guard killed", label: "GUARD", leaseSeconds: 6 },
  inject: ({ host }) => killGuards(host),
  outcomeAt: fromPointOn<Outcome | Exclusion>({
    "inspect-vm": noGuard,
    // What is killed may be the arming or the snapshot itself.
    "arm-guard": "either",
    "copy-disks": "good",
    "verify-copies": noGuard,
  }),
};

/** Nobody is left that could restore the host, until somebody comes. */
export const guardAndControllerKilled: Fault = {
  ...ordinary,
  ...{ name: "guard and controller killed", label: "BOTH", leaseSeconds: 6 },
  inject: async ({ host, run }) => {
    // First, because it would start another watcher.
    run.signal("SIGKILL");
    await killGuards(host);
  },
  outcomeAt: fromPointOn<Outcome | Exclusion>({
    "inspect-vm": noGuard,
    "arm-guard": "killed",
    "verify-copies": noGuard,
  }),
  recoveryAt: fromPointOn({
    "inspect-vm": "allowed",
    "take-snapshot": "needed",
    // What is killed may have had nothing left to do.
    "restore-host": "allowed",
  }),
};

/** The program that reads a disk on the host. */
export const rsyncKilled: Fault = {
  ...ordinary,
  ...{ name: "rsync killed", label: "RSYNC" },
  inject: async ({ host }) => killInHost(host, [await rsyncOnHost(host)]),
  outcomeAt: fromPointOn<Outcome | Exclusion>({
    "inspect-vm": { excluded: "no rsync runs" },
    "copy-disks": "failed",
    copied: { excluded: "no rsync runs" },
  }),
};

/** Kills every process of a guard that there is, once there is one, at one stroke. */
async function killGuards(host: LabHost): Promise<void> {
  const options = { limitSeconds: 20, everyMilliseconds: 10 };
  const found = await waitUntil(`a guard is at work on ${host.name}`, options, async () => {
    const ids = await guardProcesses(host);
    return ids.length > 0 ? ids : undefined;
  });
  await killInHost(host, found);
}
