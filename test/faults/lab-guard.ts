// A guard on a host of the laboratory, driven by hand: armed, told what to undo, and made to do it.

import assert from "node:assert/strict";
import { readScript } from "../../lib/guard/read-script.ts";
import type { LocalResult } from "../../lib/shell/run-local.ts";
import type { LabHost } from "../lab/lab-host.ts";

/** A guard without a lease, so that it acts only when it is told to. */
export interface LabGuard {
  readonly folder: string;
  record(...fields: readonly string[]): Promise<void>;
  /** Runs `guard.sh restore`; it loses patience with libvirt and the agent after a second. */
  restore(): Promise<LocalResult>;
}

/** Arms a guard for a VM, as a backup of this id does. */
export async function armLabGuard(
  host: LabHost,
  { uuid, backupId }: { readonly uuid: string; readonly backupId: string },
): Promise<LabGuard> {
  const [armText, guardText] = await Promise.all([readScript("arm.sh"), readScript("guard.sh")]);
  const owner = [uuid, backupId, "qemu:///system", "test", "tester@here pid 1", "0", "0", "0"] as const;
  const armed = await host.check(["sh", "-c", armText, "arm.sh", guardText, ...owner]);
  const folder = /^armed\t(\S+)$/m.exec(armed)?.[1];
  assert.ok(folder !== undefined, armed);
  const script = `${folder}/guard.sh`;
  const impatience = ["VIRTFOLD_BUSY_SECONDS=1", "VIRTFOLD_THAW_SECONDS=1"] as const;
  return {
    folder,
    record: async (...fields) => void (await host.check(["sh", script, "record", ...fields])),
    restore: () => host.run(["env", ...impatience, "sh", script, "restore"], { deadlineSeconds: 120 }),
  };
}
