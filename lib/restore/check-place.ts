// Whether a VM that comes back as what it was still finds its place as the plan has it: pushing images may take hours.

import { parseDomainState, parseNames } from "../hypervisor/parse-virsh.ts";
import { virsh } from "../hypervisor/virsh.ts";
import { BackupError } from "../model/failure.ts";
import type { ReplacedVm, RestorePlan } from "../model/restore.ts";
import type { RestorePorts } from "./ports.ts";

/** @throws BackupError `vm-changed`. */
export async function checkPlace(plan: RestorePlan, ports: RestorePorts): Promise<void> {
  const replaced = plan.original?.replaced;
  if (replaced === undefined) await refuseNewcomer(plan, ports);
  else await refuseChange(plan, replaced, ports);
}

/** libvirt would take its definition for a new one of the same VM. */
async function refuseNewcomer({ host, vm }: RestorePlan, { shell }: RestorePorts): Promise<void> {
  const commands = virsh(host.uri);
  const [byUuid, names] = await shell.runAll([commands.domainState(vm.uuid), commands.listNames()]);
  if (names?.code === 0 && byUuid?.code !== 0 && !names.stdout.split("\n").includes(vm.name)) return;
  throw new BackupError({
    kind: "vm-changed",
    vm: vm.name,
    what: "one of its name or UUID has come meanwhile",
  });
}

async function refuseChange(
  { host }: RestorePlan,
  { uuid, name, definition, snapshots }: ReplacedVm,
  { shell }: RestorePorts,
): Promise<void> {
  const commands = virsh(host.uri);
  const [state, xml, names] = await shell.runAll([
    commands.domainState(uuid),
    commands.dumpInactiveXml(uuid),
    commands.snapshotNames(uuid),
  ]);
  const changed = (what: string): BackupError => new BackupError({ kind: "vm-changed", vm: name, what });
  if (state?.code !== 0 || parseDomainState(state.stdout).state !== "shut-off")
    throw changed("it is not shut off any more");
  if (xml?.stdout !== definition) throw changed("its definition is another one by now");
  const known = snapshots.map((snapshot) => snapshot.name).toSorted();
  if (names?.code !== 0 || JSON.stringify(parseNames(names.stdout).toSorted()) !== JSON.stringify(known))
    throw changed("it has other snapshots by now");
}
