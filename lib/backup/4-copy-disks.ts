// Step 4: brings the disks, and the small files the VM starts with, into the store's partial folder.

import { fileAccessCommand, readFileAccess } from "../hypervisor/file-access.ts";
import { readStamp } from "../hypervisor/image-stamp.ts";
import { parseDomainState } from "../hypervisor/parse-virsh.ts";
import { virsh } from "../hypervisor/virsh.ts";
import type { CopyMethod } from "../model/backup.ts";
import type { Degradation } from "../model/event.ts";
import { BackupError } from "../model/failure.ts";
import type { FileAccess } from "../model/file-access.ts";
import type { BootFilePlan, DiskPlan, LayerPlan, VmBackupPlan } from "../model/plan.ts";
import { copyBytes } from "../plan/copy-bytes.ts";
import type { FrozenDisks } from "./3-take-snapshot.ts";
import type { PartialBackup } from "../store/partial-backup.ts";
import type { Ports } from "./ports.ts";
import { copyBootFiles } from "./copy-boot-files.ts";
import { namingStore } from "./naming-store.ts";
import { findChanged, readStamps } from "./source-stamps.ts";

/** Copies of disks that stood still for as long as the copying took. */
export interface DiskCopies {
  readonly frozen: FrozenDisks;
  /** How each disk came over, by target. */
  readonly methods: ReadonlyMap<string, CopyMethod>;
  readonly bootFiles: readonly BootFilePlan[];
  /** What is not in the backup although it belongs to the VM. */
  readonly missing: readonly Degradation[];
  /** Whose each file was, by path; not those of block devices. */
  readonly accesses: ReadonlyMap<string, FileAccess>;
}

/** Copies every layer of every disk, then checks that none of them changed meanwhile. */
export async function copyDisks(
  plan: VmBackupPlan,
  { frozen, partial }: { readonly frozen: FrozenDisks; readonly partial: PartialBackup },
  ports: Ports,
): Promise<DiskCopies> {
  const methods = new Map<string, CopyMethod>();
  await checkSpace(plan, ports);
  // Small files first: the window in which they could drift from the disks is the shortest.
  const { bootFiles, missing } = await copyBootFiles(plan, partial, ports);
  for (const disk of plan.disks) {
    for (const layer of disk.layers) {
      const copy = copyLayer({ disk, layer: asFrozen(layer, frozen), partial }, ports);
      methods.set(disk.target, await copy.catch((error: unknown) => explain(error, { plan, frozen }, ports)));
    }
    await checkStillSame(plan, frozen, ports);
  }
  return { frozen, methods, bootFiles, missing, accesses: await readAccesses(plan, bootFiles, ports) };
}

/** One that cannot be told is left out: a restored file is then root's, or whose libvirt makes it. */
async function readAccesses(
  { disks }: VmBackupPlan,
  bootFiles: readonly BootFilePlan[],
  { shell }: Ports,
): Promise<DiskCopies["accesses"]> {
  const files = disks.flatMap(({ layers }) => layers.filter(({ source }) => source === "file"));
  const paths = [...files, ...bootFiles].map(({ path }) => path);
  const answers = await shell.runAll(paths.map(fileAccessCommand));
  return new Map(
    paths.flatMap((path, index) => {
      const access = answers[index]?.code === 0 ? readFileAccess(answers[index].stdout) : undefined;
      return access === undefined ? [] : [[path, access]];
    }),
  );
}

/** An image that grew or went away while it was copied fails the copy in many ways: what matters is that it changed. */
async function explain(
  error: unknown,
  { plan, frozen }: { readonly plan: VmBackupPlan; readonly frozen: FrozenDisks },
  ports: Ports,
): Promise<never> {
  const isCopyTrouble =
    error instanceof BackupError && ["copy-failed", "copy-unreadable"].includes(error.reason.kind);
  if (isCopyTrouble) await checkStillSame(plan, frozen, ports);
  throw error;
}

/** A growing image has grown since it was planned; from the snapshot on it keeps its length. */
function asFrozen(layer: LayerPlan, frozen: FrozenDisks): LayerPlan {
  const fileBytes = readStamp(frozen.stamps.get(layer.path) ?? "")?.bytes;
  return fileBytes === undefined ? layer : { ...layer, fileBytes };
}

async function copyLayer(
  {
    disk,
    layer,
    partial,
  }: { readonly disk: DiskPlan; readonly layer: LayerPlan; readonly partial: PartialBackup },
  ports: Ports,
): Promise<CopyMethod> {
  const { target } = disk;
  const totalBytes = layer.fileBytes;
  ports.emit({
    kind: "copy-started",
    target,
    from: layer.path,
    to: `${partial.finalPath}/${layer.fileName}`,
    totalBytes,
  });
  const copy = ports.copier.copyImage(layer, partial.path(layer.fileName), {
    signal: ports.signal,
    onProgress: (progress) => {
      ports.emit({ kind: "copy-progress", target, ...progress });
    },
    onBreak: (broken) => {
      ports.emit({ kind: "copy-broken", target, ...broken });
    },
  });
  const result = await namingStore(copy, ports);
  const { method, seconds, sentBytes } = result;
  ports.emit({ kind: "copy-finished", target, bytes: totalBytes, sentBytes, seconds });
  return method;
}

async function checkSpace(plan: VmBackupPlan, ports: Ports): Promise<void> {
  const neededBytes = copyBytes(plan);
  const freeBytes = await ports.store.freeBytes();
  if (freeBytes < neededBytes)
    throw new BackupError({ kind: "store-full", store: ports.store.directory, neededBytes, freeBytes });
}

async function checkStillSame(plan: VmBackupPlan, frozen: FrozenDisks, ports: Ports): Promise<void> {
  if (!plan.wasActive) await checkStillOff(plan, ports);
  const changed = findChanged(plan, frozen.stamps, await readStamps(plan, ports));
  if (changed !== undefined) throw new BackupError({ kind: "source-changed", vm: plan.vm.name, ...changed });
}

async function checkStillOff(plan: VmBackupPlan, ports: Ports): Promise<void> {
  const result = await ports.shell.run(virsh(plan.host.uri).domainState(plan.vm.uuid));
  if (result.code !== 0)
    throw new BackupError({ kind: "vm-changed", vm: plan.vm.name, what: "libvirt no longer knows it" });
  const { state } = parseDomainState(result.stdout);
  if (state !== "shut-off")
    throw new BackupError({ kind: "vm-started-while-copied", vm: plan.vm.name, state });
}
