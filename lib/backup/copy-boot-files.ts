// The small files that a VM starts with. They are under no snapshot: a running guest may write its UEFI variables, and
// what its TPM holds. They are copied after the snapshot and before any disk: seconds newer than the disks, never older.
// So it is after a power cut too, when what the guest had not flushed yet is lost, and what its TPM had stored is not.

import { stampCommand } from "../hypervisor/image-stamp.ts";
import type { Degradation } from "../model/event.ts";
import { BackupError } from "../model/failure.ts";
import type { BootFilePlan, VmBackupPlan } from "../model/plan.ts";
import type { PartialBackup } from "../store/partial-backup.ts";
import { namingStore } from "./naming-store.ts";
import type { Ports } from "./ports.ts";

/** A guest writes its variables now and then, and a copy takes a moment. */
const attempts = 3;

/** What came over, and what should have. */
export interface CopiedBootFiles {
  readonly bootFiles: readonly BootFilePlan[];
  readonly missing: readonly Degradation[];
}

/**
 * Copies the boot files that are there, each as it was at one moment.
 * @throws BackupError `source-changed` for one that is written to all the time.
 */
export async function copyBootFiles(
  plan: VmBackupPlan,
  partial: PartialBackup,
  ports: Ports,
): Promise<CopiedBootFiles> {
  const looks = await ports.shell.runAll(plan.bootFiles.map(({ path }) => ["sh", "-c", look, "sh", path]));
  const presence = new Map(plan.bootFiles.map((file, index) => [file, looks[index]?.code ?? unseenCode]));
  // libvirt makes the variable store, and the state of a TPM, at the first start; a VM that never ran has none yet.
  const bootFiles = plan.bootFiles.filter(
    (file) => !["nvram", "tpm"].includes(file.role) || presence.get(file) === 0,
  );
  for (const file of bootFiles) await copyOne(plan, { file, partial }, ports);
  const missing = plan.bootFiles.flatMap((file) => missingState(plan, file, presence.get(file)));
  return { bootFiles, missing };
}

const missingCode = 1;
const unseenCode = 2;

// A file in a folder that one may not enter looks as if it were not there.
const look = `[ ! -e "$1" ] || exit 0
folder=\${1%/*}
until [ -d "$folder" ] || [ ! "$folder" ]; do folder=\${folder%/*}; done
[ -x "\${folder:-/}" ] || exit ${unseenCode}
exit ${missingCode}`;

function missingState(
  { wasActive }: VmBackupPlan,
  { role, path }: BootFilePlan,
  code: number | undefined,
): readonly Degradation[] {
  if (code === 0 || (code === missingCode && !wasActive)) return [];
  const why = code === missingCode ? "missing" : "unreadable";
  switch (role) {
    case "tpm":
      return [{ kind: "tpm-state", why }];
    case "nvram":
      return [{ kind: "nvram-missing", path, why }];
    default:
      // Is copied in any case, and its copy fails.
      return [];
  }
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
