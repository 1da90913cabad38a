// Step 1: looks at the VM once more, right before anything is touched, and says what it found.

import { parseDomain } from "../hypervisor/domain-xml.ts";
import { parseDomainState } from "../hypervisor/parse-virsh.ts";
import { virsh } from "../hypervisor/virsh.ts";
import { BackupError } from "../model/failure.ts";
import type { VmBackupPlan } from "../model/plan.ts";
import type { Domain } from "../model/vm.ts";
import type { CommandResult, Ports } from "./ports.ts";

/**
 * Reads the VM again and reports its disks.
 * @throws BackupError `vm-changed` when it is no longer what the plan was made for.
 */
export async function inspectVm(plan: VmBackupPlan, ports: Ports): Promise<void> {
  const commands = virsh(plan.host.uri);
  const [state, live, inactive] = await ports.shell.runAll([
    commands.domainState(plan.vm.uuid),
    commands.dumpXml(plan.vm.uuid),
    commands.dumpInactiveXml(plan.vm.uuid),
  ]);
  const isActive = parseDomainState(answer(plan, state)).state !== "shut-off";
  if (isActive !== plan.wasActive) throw changed(plan, isActive ? "it was started" : "it was shut off");
  const disks = describeDisks(parseDomain(answer(plan, live)));
  if (disks !== describeDisks(plan.facts.domain)) throw changed(plan, "its disks are others now");
  if (answer(plan, inactive) !== plan.facts.inactiveXml) throw changed(plan, "its definition is another now");
  report(plan, ports);
}

function answer(plan: VmBackupPlan, result: CommandResult | undefined): string {
  if (result === undefined || result.code !== 0) throw changed(plan, "libvirt no longer knows it");
  return result.stdout;
}

/** What a plan depends on: which disks there are, where they are, and whether a block job runs on one. */
function describeDisks(domain: Domain): string {
  return JSON.stringify(domain.disks);
}

function changed(plan: VmBackupPlan, what: string): BackupError {
  return new BackupError({ kind: "vm-changed", vm: plan.vm.name, what });
}

function report(plan: VmBackupPlan, ports: Ports): void {
  for (const disk of plan.disks)
    ports.emit({ kind: "disk-found", target: disk.target, path: disk.layers[0].path });
  for (const disk of plan.skippedDisks) ports.emit({ kind: "disk-skipped", disk });
  for (const warning of plan.warnings) ports.emit({ kind: "warning", warning });
  ports.emit({ kind: "internal-snapshots", names: plan.snapshots.map(({ name }) => name) });
}
