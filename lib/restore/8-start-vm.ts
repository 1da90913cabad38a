// Step 8: starts the VM where that was asked for. A VM that does not start is restored all the same.

import { virsh } from "../hypervisor/virsh.ts";
import type { RestorePlan } from "../model/restore.ts";
import type { RestorePorts } from "./ports.ts";

const startSeconds = 120;

/** Starts it; returns why it did not start, undefined when it runs. */
export async function startVm(plan: RestorePlan, ports: RestorePorts): Promise<string | undefined> {
  const command = virsh(plan.host.uri).start(plan.vm.uuid);
  const { code, stderr } = await ports.shell.run(command, { deadlineSeconds: startSeconds });
  const detail = stderr.trim().split("\n").at(-1) ?? "";
  ports.emit(code === 0 ? { kind: "vm-started" } : { kind: "start-failed", detail });
  return code === 0 ? undefined : detail;
}
