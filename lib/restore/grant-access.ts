// Gives the restored files to whom the originals belonged, before they get their names.

import type { Guard } from "../backup/ports.ts";
import { grantCommand } from "../hypervisor/file-access.ts";
import type { FileAccess } from "../model/file-access.ts";
import type { RestorePlan } from "../model/restore.ts";
import type { RestorePorts } from "./ports.ts";
import { grantTpmFolder } from "./tpm-state.ts";

/** A device keeps whose it is. A file that cannot be given away stays as it is, which is said: libvirt makes an image its own when the VM starts. */
export async function grantAccess(plan: RestorePlan, guard: Guard, ports: RestorePorts): Promise<void> {
  for (const { role, access, path, stagedPath, device } of plan.files) {
    if (access === undefined || device !== undefined) continue;
    const isGranted =
      hasMeaning(access, plan) && (await guard.change(grantCommand(stagedPath, access))).code === 0;
    if (isGranted && role === "tpm") await grantTpmFolder(plan, access, guard);
    if (!isGranted) ports.emit({ kind: "access-not-kept", path, access });
  }
}

/** A number is another user's on another host. */
function hasMeaning({ user, group }: FileAccess, { host, from }: RestorePlan): boolean {
  return host.name === from.host || [user, group].every((name) => !/^\d+$/.test(name));
}
