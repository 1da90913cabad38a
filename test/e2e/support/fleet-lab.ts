// A fleet: eight hypervisors of three generations behind a bastion, with 24 VMs, entered by a login that has only sudo.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fleetLab } from "../../../scripts/testing/test-labs.ts";
import { bringDownLab, bringUpLab } from "../../lab/lab.ts";
import type { Lab } from "../../lab/lab.ts";
import type { LabHost } from "../../lab/lab-host.ts";

/** Which VMs each host has: one whose guest writes, and two that are off. */
export const fleetVms = ["web", "off", "linked2"] as const;

const suites = ["bullseye", "bookworm", "trixie"] as const;
const login = "keeper";

/** The host whose overlays have no room, and the one whose sshd says nothing. */
export const [fullHost, silentHost] = ["hv7", "hv8"] as const;

/** Brings the fleet up in a lab of its own. `down` leaves nothing of it. */
export async function bringUpFleet(): Promise<{ readonly lab: Lab; readonly down: () => Promise<void> }> {
  const named = process.env["VIRTFOLD_TEST_LAB"];
  const id = named === undefined ? fleetLab : `${named}-fleet`;
  const down = (): Promise<void> => bringDownLab(id);
  await down(); // what a killed run has left would not be as it was
  const hosts = Array.from({ length: 8 }, (_, index) => ({
    ...{ name: `hv${index + 1}`, vms: fleetVms },
    suite: suites[index % suites.length]!,
  }));
  try {
    return { lab: await bringUpLab({ id, hosts, hasBastion: true, login }), down };
  } catch (error) {
    await down();
    throw error;
  }
}

/** Writes an inventory of the fleet where virtfold looks for it, and returns the folder to start virtfold in. */
export async function writeFleetInventory(folder: string, store: string): Promise<string> {
  await mkdir(join(folder, "hosts"), { recursive: true });
  await writeFile(
    join(folder, "hosts/inventory.yaml"),
    `store: ${store}
concurrency: 4
defaults: { sudo: true, user: ${login}, lease: 300 }
groups:
  rack1:
    tags: [prod]
    hosts: { hv1: { per_host: 2 }, hv2: , hv3: }
    vms: { settings: { web: { priority: 10 } } }
  rack2:
    hosts: { hv4: , hv5: , hv6: { quiesce: never } }
    groups:
      poor:
        tags: [lab]
        hosts: { ${fullHost}: { overlay_dir: /srv/overlays }, ${silentHost}: }
`,
  );
  return folder;
}

/** Gives the host a folder for overlays with this much room. */
export async function giveOverlaysRoom(host: LabHost, mebibytes: number): Promise<void> {
  const script = `mkdir -p /srv/overlays; umount /srv/overlays 2>/dev/null
mount -t tmpfs -o size=$1m,mode=1777 tmpfs /srv/overlays`;
  await host.check(["sh", "-c", script, "sh", String(mebibytes)]);
}

/** The host's sshd goes on listening, and never says a word to anybody. */
export async function silenceSshd(host: LabHost): Promise<void> {
  await host.check(["sh", "-c", "kill -STOP $(cat /run/sshd.pid)"]);
}

/** The silent sshd ends, and with it every connection that waits for it. */
export async function endSshd(host: LabHost): Promise<void> {
  await host.check(["sh", "-c", "kill -KILL $(cat /run/sshd.pid)"]);
}

/** Starts the sshd again. */
export async function startSshd(host: LabHost): Promise<void> {
  await host.check(["/usr/sbin/sshd"]);
}
