// After a fault: the host restores itself, or somebody has to come and recover it.

import assert from "node:assert/strict";
import type { LabHost } from "../lab/lab-host.ts";
import { waitUntil } from "../lab/wait-until.ts";
import type { RecoveryNeed } from "./fault.ts";
import { armedGuards } from "./guards-on-host.ts";
import { recoverHost } from "./recover-host.ts";

/** How a host shall come to rest. */
export interface Settling {
  readonly need: RecoveryNeed;
  readonly leaseSeconds: number;
  /** How the host is reached. */
  readonly sshConfig: string;
}

/** Waits until the host is restored. True when somebody had to recover it. */
export async function settleHost(
  host: LabHost,
  { need, leaseSeconds, sshConfig }: Settling,
): Promise<boolean> {
  if (need === "none") {
    const explain = async (): Promise<string> => (await armedGuards(host)).join("\n");
    const options = { limitSeconds: leaseSeconds + 60, explain };
    await waitUntil(`${host.name} has restored itself`, options, async () =>
      (await armedGuards(host)).length === 0 ? true : undefined,
    );
    return false;
  }
  const isLeft = (await armedGuards(host)).length > 0;
  if (need === "needed")
    assert.ok(isLeft, "somebody has restored the host although nobody was left to do it");
  if (isLeft) await recoverHost(host, sshConfig);
  return isLeft;
}
