// What `npm run demo` shows, as a program of its own: scripts/demo.ts can end it at any moment, and takes its lab down.
// Run as: node demonstrate.ts LAB

import { bringUpLab, type Lab } from "./lab.ts";
import { restoreByHand } from "./restore-by-hand.ts";
import { runShown } from "./run-shown.ts";
import { tellRefusal } from "./tell-refusal.ts";

const [id = "demo"] = process.argv.slice(2);
const hosts = [{ name: "hv1" }, { name: "hv2" }];

/** The VM that is lost and restored: it has a tree of internal snapshots. */
const lost = { host: "hv1", vm: "snaptree" };

await tellRefusal(demonstrate);

async function demonstrate(): Promise<void> {
  say("Bringing up two hypervisors with VMs that write (the first time this downloads packages)");
  const up = await bringUpLab({ id, hosts, progress: console.log });
  say("Backing up every VM of both hypervisors");
  await runTool(up, ["scripts/backup.ts", ...hosts.map(({ name }) => name)]);
  say("What is in the store");
  await runTool(up, ["scripts/list.ts"]);
  say(`Losing ${lost.host}/${lost.vm}, and bringing it back with nothing but virsh`);
  await restoreByHand(up, { ...lost, show: console.log });
  say("Done: the restored VM has booted and goes on writing");
}

async function runTool(up: Lab, [script = "", ...args]: readonly string[]): Promise<void> {
  const settings = ["--store", up.storeDirectory, "--ssh-config", up.sshConfig];
  // Some disks of the laboratory are shared or read-only on purpose: a degraded backup (5) is what is expected here.
  await runShown([process.execPath, "--import", "tsx", script, ...args, ...settings], { accept: [0, 5] });
}

function say(text: string): void {
  console.log(`\n== ${text}`);
}
