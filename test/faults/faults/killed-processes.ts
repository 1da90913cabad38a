// Processes of a run are killed on the host.

import { waitUntil } from "../../lab/wait-until.ts";
import { rsyncsOnHost, sessionsOnHost } from "../../e2e/support/session-processes.ts";
import { ordinary, type Fault, type Scene } from "../fault.ts";
import { guardProcesses } from "../guards-on-host.ts";
import { killInHost } from "../kill-in-host.ts";
import { fromPointOn, type Exclusion, type Outcome } from "../outcome.ts";

/** The session in which the host is told what to do. */
export const sessionKilled: Fault = {
  ...ordinary,
  ...{ name: "SSH session killed", label: "SSH" },
  inject: (scene) => killFound(scene, async ({ host }) => (await sessionsOnHost(host)).slice(0, 1)),
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
  inject: (scene) => killFound(scene, ({ host }) => guardProcesses(host)),
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
  inject: async (scene) => {
    // A controller that is killed before it has armed the guard leaves none to kill.
    await found(scene, ({ host }) => guardProcesses(host));
    // Before the guard, because it would start another watcher.
    scene.run.signal("SIGKILL");
    await killInHost(scene.host, await guardProcesses(scene.host));
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
  inject: (scene) => killFound(scene, ({ host }) => rsyncsOnHost(host)),
  outcomeAt: fromPointOn<Outcome | Exclusion>({
    "inspect-vm": { excluded: "no rsync runs" },
    // Another one goes on where it was.
    "copy-disks": "good",
    copied: { excluded: "no rsync runs" },
  }),
};

type Find = (scene: Scene) => Promise<readonly number[]>;

/** Kills what is found, at one stroke, once there is something; at a random moment, what there is. */
async function killFound(scene: Scene, find: Find): Promise<void> {
  await killInHost(scene.host, await found(scene, find));
}

async function found(scene: Scene, find: Find): Promise<readonly number[]> {
  const { host, point } = scene;
  const options = { limitSeconds: 20, everyMilliseconds: 10 };
  return await waitUntil(`there is something to kill on ${host.name}`, options, async () => {
    const ids = await find(scene);
    return ids.length > 0 || point === undefined ? ids : undefined;
  });
}
