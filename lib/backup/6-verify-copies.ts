// Step 6: makes the copies stand on their own and checks them. The host is free again; this costs only the store.

import { chmod, stat } from "node:fs/promises";
import { findBackingFault } from "../images/find-backing-fault.ts";
import type { Compression, LocalImage } from "../images/image-tools.ts";
import { BackupError } from "../model/failure.ts";
import type { DiskPlan, LayerPlan, VmBackupPlan } from "../model/plan.ts";
import type { PartialBackup } from "../store/partial-backup.ts";
import type { DiskCopies } from "./4-copy-disks.ts";
import type { Ports } from "./ports.ts";

declare const verified: unique symbol;

/** Copies that were checked. Only verifyCopies makes these, and only these can be published. */
export interface VerifiedCopies extends DiskCopies {
  readonly [verified]: true;
  /** How each disk was compressed, by target; disks without an entry were not. */
  readonly compressions: ReadonlyMap<string, Compression>;
  /** The checksum that an image had on its host, by file name; only of those that were changed here. */
  readonly sourceChecksums: ReadonlyMap<string, string>;
}

/**
 * Names the layers of each chain relative to each other, compresses where asked for, and checks every image.
 * @throws BackupError `copy-damaged`, `snapshot-not-in-copy`, `interrupted`.
 */
export async function verifyCopies(
  plan: VmBackupPlan,
  { copies, partial }: { readonly copies: DiskCopies; readonly partial: PartialBackup },
  ports: Ports,
): Promise<VerifiedCopies> {
  const compressions = new Map<string, Compression>();
  const sourceChecksums = new Map<string, string>();
  for (const disk of plan.disks) {
    const checksums = await linkLayers(disk, partial, ports);
    for (const [fileName, sha256] of checksums) sourceChecksums.set(fileName, sha256);
    await checkLinks(plan, { disk, partial }, ports);
    const compression = await compressDisk(plan, { disk, partial }, ports);
    if (compression !== undefined) compressions.set(disk.target, compression);
    for (const layer of disk.layers) await checkLayer(plan, { layer, image: imageOf(layer, partial) }, ports);
  }
  await checkSnapshots(plan, partial, ports);
  return { ...copies, compressions, sourceChecksums } as unknown as VerifiedCopies;
}

/**
 * Each layer names the file below it in the same folder, so that nothing points outside.
 * @returns what the checksums were of those that another VM, or this one restored, may find on its host again.
 */
async function linkLayers(
  disk: DiskPlan,
  partial: PartialBackup,
  ports: Ports,
): Promise<ReadonlyMap<string, string>> {
  const checksums = new Map<string, string>();
  for (const [depth, layer] of disk.layers.entries()) {
    const below = disk.layers[depth + 1];
    if (below === undefined) continue;
    // The uppermost is the VM's own, and never what it was.
    if (depth > 0) checksums.set(layer.fileName, await partial.checksum(layer.fileName, ports.signal));
    await ports.images.nameBacking(imageOf(layer, partial), {
      fileName: below.fileName,
      format: below.format,
    });
  }
  return checksums;
}

/**
 * The host said what each image is based on, but the images speak for themselves: one that named a file of this machine
 * would have that read into the backup by whatever opens it.
 */
async function checkLinks(
  plan: VmBackupPlan,
  { disk, partial }: { readonly disk: DiskPlan; readonly partial: PartialBackup },
  ports: Ports,
): Promise<void> {
  for (const [depth, layer] of disk.layers.entries()) {
    if (layer.format === "raw") continue; // names nothing
    const fault = findBackingFault(await ports.images.info(imageOf(layer, partial)), disk.layers[depth + 1]);
    if (fault === undefined) continue;
    const { fileName } = layer;
    throw new BackupError({ kind: "copy-damaged", vm: plan.vm.name, fileName, detail: `it ${fault}` });
  }
}

async function compressDisk(
  plan: VmBackupPlan,
  { disk, partial }: { readonly disk: DiskPlan; readonly partial: PartialBackup },
  ports: Ports,
): Promise<Compression | undefined> {
  const [layer] = disk.layers;
  if (!plan.compress || layer.format !== "qcow2") return undefined;
  const image = imageOf(layer, partial);
  // Looked up in the copy: the host's list may be older than the image.
  const holdsSnapshots = disk.holdsSnapshots || (await ports.images.info(image)).snapshots.length > 0;
  if (holdsSnapshots || disk.layers.length > 1) {
    const reason = holdsSnapshots ? "holds-snapshots" : "backing-chain";
    ports.emit({ kind: "not-compressed", target: disk.target, reason });
    return undefined;
  }
  const compression = plan.canUseZstd ? "zstd" : "zlib";
  const bytesBefore = await allocatedBytes(image.path);
  await ports.images.compress(image, compression);
  await chmod(image.path, 0o600);
  const bytesAfter = await allocatedBytes(image.path);
  ports.emit({ kind: "compressed", target: disk.target, bytesBefore, bytesAfter, method: compression });
  return compression;
}

async function checkLayer(
  plan: VmBackupPlan,
  { layer, image }: { readonly layer: LayerPlan; readonly image: LocalImage },
  ports: Ports,
): Promise<void> {
  if (layer.format !== "qcow2") return; // a raw image has no structure to check; its length was checked by the copy
  const info = await ports.images.info(image);
  if (info.virtualBytes !== layer.virtualBytes) {
    const detail = `its virtual size is ${info.virtualBytes} bytes instead of ${layer.virtualBytes}`;
    throw new BackupError({ kind: "copy-damaged", vm: plan.vm.name, fileName: layer.fileName, detail });
  }
  await ports.images.check(image);
}

/** libvirt accepts a snapshot's definition without looking for its content, so we look. */
async function checkSnapshots(plan: VmBackupPlan, partial: PartialBackup, ports: Ports): Promise<void> {
  for (const disk of plan.disks) {
    const wanted = plan.snapshots.filter((snapshot) => snapshot.internalTargets.includes(disk.target));
    if (wanted.length === 0) continue;
    const names = await snapshotsIn(disk, partial, ports);
    const missing = wanted.find(({ name }) => !names.includes(name));
    if (missing === undefined) continue;
    const { target } = disk;
    throw new BackupError({ kind: "snapshot-not-in-copy", vm: plan.vm.name, target, snapshot: missing.name });
  }
}

/** Of every layer: an overlay that came after a snapshot leaves it in the layer below. */
async function snapshotsIn(disk: DiskPlan, partial: PartialBackup, ports: Ports): Promise<readonly string[]> {
  const layers = disk.layers.filter(({ format }) => format === "qcow2");
  const infos = await Promise.all(layers.map((layer) => ports.images.info(imageOf(layer, partial))));
  return infos.flatMap(({ snapshots }) => snapshots);
}

function imageOf(layer: LayerPlan, partial: PartialBackup): LocalImage {
  return { path: partial.path(layer.fileName), format: layer.format };
}

async function allocatedBytes(path: string): Promise<number> {
  return (await stat(path)).blocks * 512;
}
