// Facts + settings + time → what will be done for one VM. Pure: every name and path is chosen here.

import { BackupError } from "../model/failure.ts";
import type { Host } from "../model/host.ts";
import type {
  BootFilePlan,
  BootFileRole,
  DiskPlan,
  LayerPlan,
  QuiesceMode,
  VmBackupPlan,
} from "../model/plan.ts";
import type { HostFacts, Layer, VmFacts } from "../model/vm.ts";
import { tpmStatePath } from "../hypervisor/read-tpm.ts";
import { zstdVersion } from "../hypervisor/qemu-img.ts";
import { isAtLeast } from "../hypervisor/versions.ts";
import { backupFolderName } from "../store/layout.ts";
import { nameFiles, type FileNames } from "../store/name-files.ts";
import { backupId } from "./backup-id.ts";
import { keepRules, type KeepSettings } from "../config/keep-settings.ts";
import { checkVm, includedDisks, isActive, type IncludedDisk } from "./check-vm.ts";
import { guardLimits } from "./guard-limits.ts";
import { overlayDirectory } from "./overlay-directory.ts";
import { overlayName } from "./overlay-name.ts";
import { planWarnings } from "./plan-warnings.ts";
import { carriedSnapshots } from "./carried-snapshots.ts";
import { skippedDisks } from "./skipped-disks.ts";

/** What of the settings shapes one VM's backup. */
export interface BackupOptions extends Partial<KeepSettings> {
  readonly quiesce: QuiesceMode;
  readonly compress: boolean;
  readonly maxBackups: number;
  readonly overlayDirectory: string | undefined;
  /** Name of the VM in the patched XML; `<vm>-restore-<timestamp>` when not given. */
  readonly newName: string | undefined;
  readonly leaseSeconds: number;
  readonly overlayBudget: number | undefined;
  /** What each copy may take of the link, in bytes a second; 0 for no limit. */
  readonly bandwidthLimit: number;
  /** Version of qemu-img on this machine. */
  readonly localQemuImg: string | undefined;
}

/** What makes one attempt different from another: the moment, and randomness. */
export interface Attempt {
  readonly now: Date;
  readonly random: Uint8Array;
  readonly newUuid: string;
}

/** A VM on its host, as a survey found both. */
export interface FoundVm {
  readonly host: Host;
  readonly facts: HostFacts;
  readonly vm: VmFacts;
  /** Whether what an earlier backup had left of it was put right right before. */
  readonly wasRestored: boolean;
}

/**
 * Plans the backup of one VM.
 * @throws BackupError `vm-obstacle` when it cannot be backed up as it stands now.
 */
export function planVmBackup(
  { host, facts, vm, wasRestored }: FoundVm,
  options: BackupOptions,
  attempt: Attempt,
): VmBackupPlan {
  const obstacle = checkVm(vm, facts, options);
  if (obstacle !== undefined)
    throw new BackupError({ kind: "vm-obstacle", host: host.name, vm: vm.name, obstacle });
  const id = backupId(attempt.now, attempt.random);
  const folderName = backupFolderName(attempt.now);
  const newName = options.newName ?? `${vm.name}-restore-${folderName}`;
  const snapshots = carriedSnapshots(vm);
  const bootPaths = bootFiles(vm, host);
  const disks = includedDisks(vm);
  const fileNames = nameFiles({
    disks: disks.map(({ target }) => ({ target, formats: chainOf(vm, target).map((layer) => layer.format) })),
    newName,
    snapshots: snapshots.map(({ name }) => name),
    bootFiles: bootPaths,
  });
  const planned = disks.map((disk, index) =>
    planDisk(vm, disk, { id, fileNames: fileNames.disks[index] ?? [], options }),
  );
  return {
    host,
    versions: facts.versions,
    vm: { name: vm.name, uuid: vm.uuid },
    backupId: id,
    folderName,
    startedAt: attempt.now,
    wasActive: isActive(vm),
    wasPaused: vm.state === "paused",
    wasRestored,
    disks: planned as unknown as readonly [DiskPlan, ...DiskPlan[]],
    skippedDisks: skippedDisks(vm),
    bootFiles: bootPaths.map((file, index) => ({ ...file, fileName: fileNames.bootFiles[index] ?? "" })),
    snapshots: snapshots.map((snapshot, index) => ({
      name: snapshot.name,
      parent: snapshot.parent,
      isCurrent: snapshot.name === vm.currentSnapshot,
      xml: snapshot.xml,
      internalTargets: snapshot.internalTargets,
      fileName: fileNames.snapshots[index] ?? "",
    })),
    warnings: planWarnings(vm, host),
    quiesce: options.quiesce,
    hasAgent: vm.domain.hasAgentChannel && vm.domain.agentConnected !== false,
    compress: options.compress,
    canUseZstd: [facts.versions.qemuImg, options.localQemuImg].every((version) =>
      isAtLeast(version, zstdVersion),
    ),
    newName,
    newUuid: attempt.newUuid,
    fileNames: { originalXml: fileNames.originalXml, patchedXml: fileNames.patchedXml },
    maxBackups: options.maxBackups,
    keep: keepRules(options),
    limits: guardLimits(vm, options),
    bytesPerSecond: options.bandwidthLimit,
    facts: vm,
  };
}

function planDisk(
  vm: VmFacts,
  disk: IncludedDisk,
  {
    id,
    fileNames,
    options,
  }: { readonly id: string; readonly fileNames: FileNames["disks"][number]; readonly options: BackupOptions },
): DiskPlan {
  const chain = chainOf(vm, disk.target);
  const layers = chain.map((layer, depth): LayerPlan => {
    const { path, source, format, virtualBytes, fileBytes, allocatedBytes, stamp } = layer;
    return {
      path,
      source,
      format,
      virtualBytes,
      fileBytes,
      allocatedBytes,
      stamp,
      fileName: fileNames[depth] ?? "",
    };
  });
  const directory = overlayDirectory(disk, vm.domain.disks, options.overlayDirectory);
  return {
    target: disk.target,
    layers: layers as unknown as readonly [LayerPlan, ...LayerPlan[]],
    overlayPath: isActive(vm) ? `${directory.replace(/\/$/, "")}/${overlayName(disk.target, id)}` : undefined,
    holdsSnapshots: chain.some((layer) => layer.snapshotNames.length > 0),
  };
}

/** checkVm has refused VMs whose chains are not all known. */
function chainOf(vm: VmFacts, target: string): readonly Layer[] {
  return vm.chains.get(target) ?? [];
}

function bootFiles(vm: VmFacts, { uri }: Host): readonly Omit<BootFilePlan, "fileName">[] {
  const paths: readonly (readonly [BootFileRole, string | undefined])[] = [
    ["nvram", vm.inactiveDomain.nvramPath],
    ["tpm", tpmStatePath(uri, vm.uuid, vm.inactiveDomain.tpm)],
    ["kernel", vm.inactiveDomain.kernelPath],
    ["initrd", vm.inactiveDomain.initrdPath],
    ["dtb", vm.inactiveDomain.dtbPath],
  ];
  return paths.flatMap(([role, path]) => (path === undefined ? [] : [{ role, path }]));
}
