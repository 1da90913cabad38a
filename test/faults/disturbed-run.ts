// A backup of both VMs during which a fault happens at a point of the victim's.

import { withSlowLink } from "../e2e/support/slow-link.ts";
import { startBackup, type RunEnd, type RunningBackup } from "../e2e/support/virtfold-process.ts";
import type { Cell } from "./cell.ts";
import { backupArguments, type FaultLab, type StorePlace } from "./fault-lab.ts";
import type { Fault, Scene } from "./fault.ts";
import { reached } from "./points.ts";
import { hostName, victim } from "./subjects.ts";

const runLimitSeconds = 240;
/** The second disk takes more than ten seconds then. */
const slowMegabits = 80;

/** Starts a backup, waits for the point, has the fault happen, and waits for the end. */
export async function disturbedRun(
  { lab, host, temporaryFolder }: FaultLab,
  { fault, point }: Cell,
  { store, volume }: StorePlace,
): Promise<RunEnd> {
  const { leaseSeconds, overlayFolder } = fault;
  const args = backupArguments(lab.sshConfig, { store, leaseSeconds, overlayFolder });
  const begin = async (): Promise<Scene> => {
    const run = startBackup(args, { environment: { TMPDIR: temporaryFolder } });
    const scene = { host, run, volume, leaseSeconds, point: point.name };
    try {
      await reached(run, point);
      await strike(fault, scene);
    } catch (error) {
      run.signal("SIGKILL");
      await run.end;
      throw error;
    }
    return scene;
  };
  const scene = await (point.isSlow ? withSlowLink(host, slowMegabits, begin) : begin());
  await mend(fault, scene);
  return await endOf(scene.run);
}

/** Has the fault happen while the run is where it is. */
async function strike(fault: Fault, scene: Scene): Promise<void> {
  if (!fault.holdsController) {
    await fault.inject(scene);
    return;
  }
  scene.run.signal("SIGSTOP");
  try {
    await fault.inject(scene);
  } finally {
    scene.run.signal("SIGCONT");
  }
}

/** Ends a fault that lasts, once the victim's backup has ended. */
async function mend(fault: Fault, scene: Scene): Promise<void> {
  if (fault.mend === undefined) return;
  const ended = new RegExp(`(?:${hostName}/${victim}: (?:OK in|DEGRADED|Interrupted|BUG)|ERROR: )`);
  await Promise.race([scene.run.logged(ended), scene.run.end]);
  await fault.mend(scene);
}

async function endOf(run: RunningBackup): Promise<RunEnd> {
  const timer = setTimeout(() => run.signal("SIGKILL"), runLimitSeconds * 1000);
  try {
    return await run.end;
  } finally {
    clearTimeout(timer);
  }
}
