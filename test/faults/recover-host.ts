// Has the program put right on a host what a dead run left there. The only place that knows which command does that.

import assert from "node:assert/strict";
import type { LabHost } from "../lab/lab-host.ts";
import { waitUntil } from "../lab/wait-until.ts";
import { runBackup } from "../e2e/support/virtfold-process.ts";
import { armedGuards } from "./guards-on-host.ts";

/** Recovers the host once the lease of what is left there has run out: until then its controller may live. */
export async function recoverHost(host: LabHost, backupArguments: readonly string[]): Promise<void> {
  await waitUntil("every lease on the host has run out", { limitSeconds: 60 }, async () => {
    const ages = await host.check(["sh", "-c", listLeases]);
    const alive = [...ages.matchAll(/^(\d+) (\d+)$/gm)].some(([, age, lease]) => Number(age) < Number(lease));
    return alive ? undefined : true;
  });
  const { code, stderr, stdout } = await runBackup(backupArguments);
  assert.equal(code, 0, stderr + stdout);
  assert.match(stderr, /died and left something on the host; restoring it first/);
  assert.deepEqual(await armedGuards(host), []);
}

/** Age and length of the lease of each guard. */
const listLeases = `
IFS=' .' read -r up _ </proc/uptime
for folder in /var/lib/virtfold/*/; do
  [ -e "$folder/journal" ] || continue
  read -r renewed <"$folder/lease"
  echo $((up - renewed)) "$(sed -n 's/^lease-seconds	//p' "$folder/header")"
done`;
