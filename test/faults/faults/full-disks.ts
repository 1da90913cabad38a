// File systems fill up: the store's, and the one the overlays are on.

import { rm } from "node:fs/promises";
import { join } from "node:path";
import { runLocal } from "../../../lib/shell/run-local.ts";
import type { LabHost } from "../../lab/lab-host.ts";
import { waitUntil } from "../../lab/wait-until.ts";
import { ordinary, type Fault } from "../fault.ts";
import { fromPointOn, type Outcome } from "../outcome.ts";
import { smallFolder } from "../small-file-system.ts";

const ballast = "ballast";

/** The store has no byte left until the victim's backup has ended. */
export const storeFull: Fault = {
  ...ordinary,
  ...{ name: "store full", label: "STORE", holdsController: true },
  inject: async ({ volume }) => {
    const { stderr } = await runLocal(["dd", "if=/dev/zero", `of=${join(volume, ballast)}`, "bs=1M"]);
    if (!stderr.includes("No space left on device")) throw new Error(`The store is not full: ${stderr}`);
  },
  mend: async ({ volume }) => rm(join(volume, ballast), { force: true }),
  // What was begun is written to the end only at the last step of all, when everything may have been written.
  outcomeAt: fromPointOn<Outcome>({ "inspect-vm": "failed", "publish-backup": "either" }),
};

/** Where the overlays go in this fault. */
const folder = smallFolder;

/** The overlays have no byte left to grow until the victim's backup has ended. */
export const overlaysFull: Fault = {
  ...ordinary,
  ...{ name: "overlay file system full", label: "OVER", holdsController: true, overlayFolder: folder },
  inject: async ({ host, point }) => {
    const fill = `dd if=/dev/zero of=${folder}/${ballast} bs=1M 2>&1`;
    const { stdout } = await host.run(["sh", "-c", fill]);
    if (!stdout.includes("No space left on device")) throw new Error(`It is not full: ${stdout}`);
    // Its watcher looks every second, and a copy may take less than that.
    if (point === "copy-disks" || point === "copying") await untilGivenUp(host);
  },
  mend: async ({ host }) => void (await host.check(["rm", "-f", `${folder}/${ballast}`])),
  outcomeAt: fromPointOn<Outcome>({
    "inspect-vm": "failed",
    // The host may have confirmed already that the disks stood still.
    copied: "either",
    "restore-host": "good",
  }),
};

/** Waits until the host has begun to restore itself. */
async function untilGivenUp(host: LabHost): Promise<void> {
  await waitUntil("the host gives the backup up", { limitSeconds: 20 }, async () => {
    const states = await host.check(["sh", "-c", "cat /var/lib/virtfold/*/state 2>/dev/null; true"]);
    return states.includes("open") ? undefined : true;
  });
}
