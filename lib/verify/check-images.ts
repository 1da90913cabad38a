// Whether the images of a backup are sound, stand on their own, and hold what the manifest says.

import path from "node:path";
import { AnswerError } from "../hypervisor/answer-error.ts";
import type { ImageInfo } from "../hypervisor/parse-image-info.ts";
import { findBackingFault } from "../images/find-backing-fault.ts";
import { findHeaderFault } from "../images/find-header-fault.ts";
import type { ImageTools } from "../images/image-tools.ts";
import { BackupError } from "../model/failure.ts";
import type { Damage } from "../model/verification.ts";
import { manifestName } from "../store/layout.ts";
import type { Manifest } from "../store/manifest.ts";

type Disk = Manifest["disks"][number];
type Layer = Disk["layers"][number];

/** What images are looked at with. */
export type ImageReader = Pick<ImageTools, "info" | "check">;

/**
 * Looks at the images of every disk; `sound` are the files whose content is what was written, and only these are opened.
 * No image is opened that names a file which is not the one below it in the same folder.
 * @throws BackupError for what is no fault of an image, such as `tool-missing` and `interrupted`.
 */
export async function checkImages(
  folder: string,
  manifest: Manifest,
  { images, sound }: { readonly images: ImageReader; readonly sound: ReadonlySet<string> },
): Promise<readonly Damage[]> {
  const damages: Damage[] = [];
  for (const disk of manifest.disks) {
    if (!disk.layers.every(({ fileName }) => sound.has(fileName))) continue;
    damages.push(...(await checkDisk(disk, { folder, images, manifest })));
  }
  return damages;
}

interface DiskContext {
  readonly folder: string;
  readonly images: ImageReader;
  readonly manifest: Manifest;
}

async function checkDisk(disk: Disk, context: DiskContext): Promise<readonly Damage[]> {
  const damages: Damage[] = [];
  const snapshots = new Set<string>();
  for (const [depth, layer] of disk.layers.entries()) {
    const below = disk.layers[depth + 1];
    if (layer.format === "raw") damages.push(...checkRaw(disk, { layer, depth, below }));
    else {
      const reading = await readImage(layer, context);
      if ("fault" in reading) damages.push(malformed(layer, reading.fault));
      else {
        for (const name of reading.info.snapshots) snapshots.add(name);
        damages.push(...compareImage(disk, { layer, depth, below }, reading.info));
      }
    }
  }
  // Their check opens what they are backed by.
  if (damages.length > 0) return damages;
  for (const layer of disk.layers.filter(({ format }) => format === "qcow2")) {
    const fault = await faultOf(() => context.images.check(imageOf(layer, context)));
    if (typeof fault === "string") damages.push(malformed(layer, fault));
  }
  return [...damages, ...findMissingSnapshots(disk, snapshots, context.manifest)];
}

interface Place {
  readonly layer: Layer;
  readonly depth: number;
  readonly below: Layer | undefined;
}

function checkRaw(disk: Disk, { layer, depth, below }: Place): readonly Damage[] {
  // QEMU takes a raw image in sectors of 512 bytes.
  const isWhole = depth > 0 || Math.ceil(layer.bytes / 512) * 512 === disk.virtualBytes;
  return [
    ...(isWhole ? [] : [lie(`${disk.target} is not as large as its raw image ${layer.fileName}`)]),
    ...(below === undefined ? [] : [lie(`${layer.fileName} is raw and cannot be backed by anything`)]),
  ];
}

async function readImage(
  layer: Layer,
  context: DiskContext,
): Promise<{ readonly info: ImageInfo } | { readonly fault: string }> {
  const image = imageOf(layer, context);
  const fault = await findHeaderFault(image.path);
  if (fault !== undefined) return { fault };
  const info = await faultOf(() => context.images.info(image));
  return typeof info === "string" ? { fault: info } : { info };
}

function compareImage(disk: Disk, { layer, depth, below }: Place, info: ImageInfo): readonly Damage[] {
  const contradiction = (detail: string): Damage => ({
    kind: "contradiction",
    fileName: layer.fileName,
    detail,
  });
  const damages: Damage[] = [];
  if (depth === 0 && info.virtualBytes !== disk.virtualBytes)
    damages.push(
      contradiction(`its disk has ${info.virtualBytes} bytes, the manifest says ${disk.virtualBytes}`),
    );
  if (info.dataFile !== undefined) damages.push(contradiction("its data is in a file outside the image"));
  const fault = findBackingFault(info, below);
  if (fault !== undefined) damages.push(contradiction(`it ${fault}`));
  return damages;
}

function findMissingSnapshots(disk: Disk, found: ReadonlySet<string>, manifest: Manifest): readonly Damage[] {
  return manifest.snapshots.order
    .filter(({ internalTargets, name }) => internalTargets.includes(disk.target) && !found.has(name))
    .map(({ name }) => ({
      kind: "contradiction",
      fileName: disk.layers[0]?.fileName ?? disk.target,
      detail: `internal snapshot ${JSON.stringify(name)} is not in it`,
    }));
}

/** What the work gives, or what is wrong with the image. */
async function faultOf<T>(work: () => Promise<T>): Promise<T | string> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BackupError && error.reason.kind === "copy-damaged") return error.reason.detail;
    if (error instanceof AnswerError) return error.message;
    throw error;
  }
}

function imageOf(layer: Layer, { folder }: DiskContext): { path: string; format: Layer["format"] } {
  return { path: path.join(folder, layer.fileName), format: layer.format };
}

function malformed(layer: Layer, detail: string): Damage {
  return { kind: "malformed", fileName: layer.fileName, detail };
}

function lie(detail: string): Damage {
  return { kind: "contradiction", fileName: manifestName, detail };
}
