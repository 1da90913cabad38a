// Has the program put right on a host what a dead run left there. The only place that knows which command does that.

import assert from "node:assert/strict";
import { runRecover } from "../e2e/support/virtfold-process.ts";
import type { LabHost } from "../lab/lab-host.ts";
import { armedGuards } from "./guards-on-host.ts";

/** Recovers the host; waits for the lease of a controller that may be alive for all that its host can tell. */
export async function recoverHost(host: LabHost, sshConfig: string): Promise<void> {
  const { code, stderr, stdout } = await runRecover([host.name, "--ssh-config", sshConfig]);
  assert.equal(code, 0, stderr + stdout);
  assert.deepEqual(await armedGuards(host), []);
}
