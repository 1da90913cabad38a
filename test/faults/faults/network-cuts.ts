// The cable between controller and host is pulled, and put back.

import type { LabHost } from "../../lab/lab-host.ts";
import { waitUntil } from "../../lab/wait-until.ts";
import { ordinary, type Fault } from "../fault.ts";
import { armedGuards } from "../guards-on-host.ts";
import { fromPointOn, type Outcome } from "../outcome.ts";

/** Longer than the lease: the host restores itself meanwhile, and the controller gives up before it does. */
export const longCut: Fault = {
  ...ordinary,
  ...{ name: "network cut for longer than the lease", label: "CUT+", leaseSeconds: 6 },
  inject: ({ host, leaseSeconds }) =>
    withoutNetwork(host, leaseSeconds + 2, async () => (await armedGuards(host)).length === 0),
  outcomeAt: fromPointOn<Outcome>({
    "inspect-vm": "good",
    // The answer that the guard is armed comes when its lease is over, or the order to arm it comes late.
    "arm-guard": "either",
    "take-snapshot": "failed",
    // The host may have confirmed already that the disks stood still.
    copied: "either",
    "restore-host": "good",
  }),
};

/** Shorter than the lease, and than the two thirds of it after which the controller gives up. */
export const shortCut: Fault = {
  ...ordinary,
  ...{ name: "network cut for a moment", label: "CUT" },
  inject: ({ host }) => withoutNetwork(host, 4, async () => true),
  outcomeAt: () => "good",
};

/** Pulls the cable for so long, and until the host is as it shall be. */
async function withoutNetwork(
  host: LabHost,
  seconds: number,
  isEnough: () => Promise<boolean>,
): Promise<void> {
  await host.cutNetwork();
  try {
    const end = performance.now() + seconds * 1000;
    await waitUntil(`${host.name} has been cut off`, { limitSeconds: seconds + 60 }, async () =>
      performance.now() >= end && (await isEnough()) ? true : undefined,
    );
  } finally {
    await host.mendNetwork();
  }
}
