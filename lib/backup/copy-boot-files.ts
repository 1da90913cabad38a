// The small files that a VM starts with. They are under no snapshot: a running guest may write its UEFI variables.

import { stampCommand } from "../hypervisor/image-stamp.ts";
import { BackupError } from "../model/failure.ts";
import type { BootFilePlan, VmBackupPlan } from "../model/plan.ts";
import type { PartialBackup } from "../store/partial-backup.ts";
import { namingStore } from "./naming-store.ts";
import type { Ports } from "./ports.ts";

/** A guest writes its variables now and then, and a copy takes a moment. */
const attempts = 3;

/**
 * Copies the boot files that are there, each as it was at one moment, and returns them.
 * @throws BackupError `source-changed` for one that is written to all the time.
 */
export async function copyBootFiles(
  plan: VmBackupPlan,
  partial: PartialBackup,
  ports: Ports,
): Promise<readonly BootFilePlan[]> {
  const present = await ports.shell.runAll(plan.bootFiles.map(({ path }) => ["test", "-e", path]));
  // libvirt makes the variable store at the first start; a VM that never ran has none yet.
  const files = plan.bootFiles.filter((file, index) => file.role !== "nvram" || present[index]?.code === 0);
  for (const file of files) await copyOne(plan, { file, partial }, ports);
  return files;
}

async function copyOne(
  plan: VmBackupPlan,
  { file, partial }: { readonly file: BootFilePlan; readonly partial: PartialBackup },
  ports: Ports,
): Promise<void> {
  const { role, path, fileName } = file;
  const stamp = async (): Promise<string> => (await ports.shell.run(stampCommand(path))).stdout;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const before = await stamp();
    const copy = ports.copier.copyFile(path, partial.path(fileName), { signal: ports.signal });
    await namingStore(copy, ports);
    if ((await stamp()) === before) return;
  }
  throw new BackupError({ kind: "source-changed", vm: plan.vm.name, target: role, path });
}
