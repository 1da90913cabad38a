// What the backup stands on goes away: libvirtd, QEMU, the guest, the whole host.

import type { LabHost } from "../../lab/lab-host.ts";
import { stateOf } from "../../lab/vm-state.ts";
import { waitUntil } from "../../lab/wait-until.ts";
import { ordinary, type Fault } from "../fault.ts";
import { fromPointOn, type Outcome } from "../outcome.ts";
import { victim } from "../subjects.ts";

/** An update of libvirt, or its crash: VMs live on. */
export const libvirtRestarted: Fault = {
  ...ordinary,
  ...{ name: "libvirtd restarted", label: "LIBV", holdsController: true },
  inject: async ({ host }) => {
    const restart = 'kill "$(cat /run/libvirtd.pid)"; until libvirtd -d; do sleep 0.1; done';
    await host.check(["sh", "-c", restart]);
    await waitUntil("libvirtd answers", { limitSeconds: 60 }, async () =>
      (await host.run(["virsh", "list"])).code === 0 ? true : undefined,
    );
  },
  outcomeAt: fromPointOn<Outcome>({ "inspect-vm": "either", "copy-disks": "good" }),
};

/** What went away before the snapshot is copied by a snapshot of a VM that is off. */
const victimGone = fromPointOn<Outcome>({
  // Whether the VM had been looked at already.
  "inspect-vm": "either",
  "arm-guard": "good",
  // Whether its agent had answered already.
  "take-snapshot": "either",
  "copy-disks": "good",
});

/** QEMU crashes: what the guest wrote last is in the overlays. */
export const qemuKilled: Fault = {
  ...ordinary,
  ...{ name: "QEMU killed", label: "QEMU", holdsController: true, victimAfter: "off" },
  inject: async ({ host }) => {
    await host.check(["sh", "-c", `kill -KILL $(pgrep -f '[g]uest=${victim},')`]);
    await untilOff(host);
  },
  outcomeAt: victimGone,
};

/** Somebody shuts the guest down while it is backed up. */
export const guestShutDown: Fault = {
  ...ordinary,
  ...{ name: "guest shut down from inside", label: "DOWN", holdsController: true, victimAfter: "off" },
  inject: async ({ host }) => {
    // The agent refuses everything while the file systems are frozen.
    await waitUntil("the guest shuts itself down", { limitSeconds: 60 }, async () => {
      const shutDown = "setsid /sbin/shutdown >/dev/null 2>&1 </dev/null &";
      return await host.guestExec(victim, shutDown).then(
        () => true,
        () => undefined,
      );
    });
    await untilOff(host);
  },
  outcomeAt: victimGone,
};

/** A power cut of the whole host, which comes back with all its VMs off. */
export const hostKilled: Fault = {
  ...ordinary,
  ...{ name: "host killed and started again", label: "HOST", holdsController: true },
  ...{ victimAfter: "off", otherAfter: "off" },
  inject: async ({ host }) => {
    await host.kill();
    await host.start();
  },
  outcomeAt: fromPointOn<Outcome>({
    // A question that is under way is lost with the host; the next one opens a new link to a VM that is off.
    "inspect-vm": "host lost",
    copying: "host lost, failed",
    copied: "host lost",
    "restore-host": "host lost, good",
  }),
  recoveryAt: () => "allowed",
};

async function untilOff(host: LabHost): Promise<void> {
  await waitUntil(`${victim} is off`, { limitSeconds: 60 }, async () =>
    (await stateOf(host, victim)) === "shut off" ? true : undefined,
  );
}
