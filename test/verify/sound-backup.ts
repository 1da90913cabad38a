// A backup that a restore could use: real images with a backing file and internal snapshots, and XML that speaks of them.

import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import path from "node:path";
import { localImageTools } from "../../lib/images/image-tools.ts";
import type { BackupDraft } from "../../lib/store/draft.ts";
import type { PublishedBackup } from "../../lib/store/publish-backup.ts";
import type { Store } from "../../lib/store/store.ts";
import type { BackupFolder } from "../../lib/store/check-backup.ts";
import type { ImageReader } from "../../lib/verify/check-images.ts";
import { verifyBackup, type Findings } from "../../lib/verify/verify-backup.ts";
import { identityOf, later, sampleDraft, type SampleOptions } from "../store/sample-backup.ts";

const diskBytes = 64 * 1024;

/** Why these tests cannot run here; false when they can. */
export const skipWithoutQemuImg: string | false = hasQemuImg() ? false : "needs qemu-img";

/** Publishes a backup all of which fits together, but for what `alter` does to its files before. */
export async function publishSound(
  store: Store,
  options: SampleOptions & { readonly alter?: (at: (fileName: string) => string) => Promise<void> } = {},
): Promise<PublishedBackup> {
  const draft = soundDraft(options);
  const partial = await store.beginBackup(identityOf(draft));
  const at = (fileName: string): string => partial.path(fileName);
  qemuImg("create", "-f", "raw", at("vda.backing1.raw"), String(diskBytes));
  // qemu-img opens what an image is backed by when it makes it, here by the name that it writes into it.
  qemuImg("create", "-f", "qcow2", "-F", "raw", "-b", "vda.backing1.raw", at("vda.qcow2"), String(diskBytes));
  for (const { name } of draft.snapshots.order) qemuImg("snapshot", "-c", name, at("vda.qcow2"));
  qemuImg("create", "-f", "raw", at("vdb.raw"), String(diskBytes / 2));
  const nvram = draft.bootFiles[0]!.fileName;
  await partial.writeText("backup.log", "2026-11-23T01:25:00Z began\n");
  qemuImg("create", "-f", "raw", at(nvram), "4096");
  const { originalXml, patchedXml } = draft.files;
  await partial.writeText(originalXml.fileName, domainXml(draft.vm, "/images"));
  const copy = { name: draft.newName, uuid: draft.newUuid };
  await partial.writeText(patchedXml.fileName, domainXml(copy, partial.finalPath));
  for (const { name, parent, fileName } of draft.snapshots.order)
    await partial.writeText(fileName, snapshotXml(name, parent));
  await options.alter?.(at);
  return await partial.publish(draft, { now: later });
}

/** What verifying a published backup finds. */
export async function verifyFolder(folder: string, images = imagesOf(folder)): Promise<Findings> {
  const { signal } = new AbortController();
  return await verifyBackup(folderOf(folder), { images, signal, onBytes: () => {} });
}

function imagesOf(folder: string): ImageReader {
  return localImageTools({ vm: "web", store: path.dirname(folder), signal: new AbortController().signal });
}

/** Asks qemu-img of each image once, for tests in which no image changes that is asked of. */
export function rememberedImages(folder: string): ImageReader {
  const images = imagesOf(folder);
  const infos = new Map<string, ReturnType<ImageReader["info"]>>();
  const checks = new Map<string, ReturnType<ImageReader["check"]>>();
  return {
    info: (image) => infos.get(image.path) ?? remember(infos, image.path, images.info(image)),
    check: (image) => checks.get(image.path) ?? remember(checks, image.path, images.check(image)),
  };
}

function remember<T>(known: Map<string, T>, key: string, value: T): T {
  known.set(key, value);
  return value;
}

/** The files that a finding names, each once. */
export function namedIn({ damages }: Findings): readonly string[] {
  return [...new Set(damages.map(({ fileName }) => fileName))].sort();
}

export function qemuImg(...args: readonly string[]): void {
  execFileSync("qemu-img", args, { stdio: ["ignore", "ignore", "pipe"] });
}

function folderOf(folder: string): BackupFolder {
  const vm = path.dirname(folder);
  return {
    path: folder,
    hostFolder: path.basename(path.dirname(vm)),
    vmFolder: path.basename(vm),
    folderName: path.basename(folder),
  };
}

function soundDraft(options: SampleOptions): BackupDraft {
  const draft = sampleDraft(options);
  const bytes = [diskBytes, diskBytes / 2];
  return { ...draft, disks: draft.disks.map((disk, index) => ({ ...disk, virtualBytes: bytes[index]! })) };
}

function domainXml({ name, uuid }: { readonly name: string; readonly uuid: string }, folder: string): string {
  const disk = (target: string, format: string, file: string): string =>
    `<disk type='file' device='disk'><driver name='qemu' type='${format}'/>` +
    `<source file='${folder}/${file}'/><target dev='${target}' bus='virtio'/></disk>`;
  return (
    `<domain type='kvm'>\n  <name>${name}</name>\n  <uuid>${uuid}</uuid>\n  <devices>\n` +
    `    ${disk("vda", "qcow2", "vda.qcow2")}\n    ${disk("vdb", "raw", "vdb.raw")}\n` +
    `    <disk type='file' device='cdrom'><target dev='sda' bus='sata'/><readonly/></disk>\n  </devices>\n</domain>\n`
  );
}

function snapshotXml(name: string, parent: string | undefined): string {
  const above = parent === undefined ? "" : `<parent><name>${parent}</name></parent>`;
  return `<domainsnapshot><name>${name}</name>${above}<state>shutoff</state><disks><disk name='vda' snapshot='internal'/></disks></domainsnapshot>\n`;
}

function hasQemuImg(): boolean {
  try {
    qemuImg("--version");
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

/** Removes what is at a path, so that something else can be put there. */
export function clear(location: string): void {
  rmSync(location, { recursive: true, force: true });
}
