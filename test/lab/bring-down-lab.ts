import { runLocal } from "../../lib/shell/run-local.ts";
import { detachLoopsBelow } from "./block-devices.ts";
import { killAll } from "./host-processes.ts";
import { labPlace } from "./lab-place.ts";
import type { LabPlace } from "./lab-place.ts";
import { findRemains, isNothing, labProcesses } from "./lab-remains.ts";
import { needRoot } from "./need-root.ts";
import { runChecked } from "./run-checked.ts";
import { waitUntil } from "./wait-until.ts";
import { withLock } from "./with-lock.ts";

/**
 * Takes a laboratory away: processes, namespaces, cables, bridge, mounts, loop devices, folder. Needs its id only, so it
 * also removes what a crash has left. Harmless when there is nothing.
 */
export async function bringDownLab(id: string): Promise<void> {
  needRoot();
  const place = labPlace(id);
  await withLock(`lab-${id}.lock`, 600, async () => {
    const explain = async (): Promise<string> => `left: ${JSON.stringify(await findRemains(place))}`;
    // More than one round, because a killed "up" can leave a host behind that is just being born.
    await waitUntil(
      `nothing of lab "${id}" is left`,
      { limitSeconds: 60, everyMilliseconds: 50, explain },
      async () => {
        await removeOnce(place);
        return isNothing(await findRemains(place)) ? true : undefined;
      },
    );
  });
}

async function removeOnce(place: LabPlace): Promise<void> {
  await killAll(() => labProcesses(place));
  const remains = await findRemains(place);
  const limit = { deadlineSeconds: 20 };
  for (const name of remains.namespaces) await runLocal(["ip", "netns", "delete", name], limit);
  for (const name of remains.links) await runLocal(["ip", "link", "delete", name], limit);
  await detachLoopsBelow(place.directory);
  for (const point of remains.mounts) await runLocal(["umount", "--lazy", point], limit);
  for (const folder of remains.folders) {
    await runChecked(["rm", "-rf", "--one-file-system", folder], { deadlineSeconds: 120 }).catch(
      () => undefined,
    );
  }
}
