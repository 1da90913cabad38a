// Step 6: the moment from which the VM stays, whatever dies: one line in the host's journal.

import type { Guard } from "../backup/ports.ts";
import { virsh } from "../hypervisor/virsh.ts";
import { findGuards } from "../guard/leftovers.ts";
import { isLinkTrouble } from "../guard/link-trouble.ts";
import { BackupError } from "../model/failure.ts";
import type { RestorePlan } from "../model/restore.ts";
import type { DefinedVm } from "./5-define-vm.ts";
import type { RestorePorts } from "./ports.ts";

/** Tells the guard that nothing is to be undone any more. @throws BackupError `guard-failed`, `restore-unknown`. */
export async function keepVm(
  plan: RestorePlan,
  { guard }: { readonly guard: Guard; readonly vm: DefinedVm },
  ports: RestorePorts,
): Promise<void> {
  const keep = (): Promise<void> =>
    guard.keep(["remove-created", "move-back", "undefine-created", "define-back"]);
  try {
    await keep();
  } catch (error) {
    if (!isLinkTrouble(error)) throw error;
    // It may have been written: to say it twice does no harm. A guard that is gone has done what it was told.
    await keep().catch(async (again: unknown) => {
      if (await isThere(plan, ports)) return;
      throw again instanceof BackupError && !isLinkTrouble(again) ? again : unknown(plan, error);
    });
  }
}

/** Whether the VM stands there without a guard that could still undo it. */
async function isThere({ host, vm, original }: RestorePlan, { shell }: RestorePorts): Promise<boolean> {
  const kept = original?.replaced?.folder;
  try {
    const { guards } = await findGuards(shell);
    const { code: there } = await shell.run(virsh(host.uri).domainState(vm.uuid));
    // It may be the one that made room, which has been given its place back: what was kept of it is gone then.
    const code = kept === undefined || there !== 0 ? there : (await shell.run(["test", "-d", kept])).code;
    return code === 0 && !guards.some(({ uuid }) => uuid === vm.uuid);
  } catch (error) {
    if (error instanceof BackupError) return false;
    throw error;
  }
}

function unknown({ host, vm }: RestorePlan, cause: unknown): BackupError {
  const detail = cause instanceof BackupError && "detail" in cause.reason ? cause.reason.detail : "no answer";
  const reason = { kind: "restore-unknown", host: host.name, vm: vm.name, detail } as const;
  return new BackupError(reason, { cause });
}
