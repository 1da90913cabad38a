// A backup in the store, read with suspicion: anybody may have written what lies there.

import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { AnswerError } from "../hypervisor/answer-error.ts";
import { parseDomain } from "../hypervisor/domain-xml.ts";
import { parseSnapshot } from "../hypervisor/snapshot-xml.ts";
import { XmlError } from "../hypervisor/xml-error.ts";
import type { ImageInfo } from "../hypervisor/parse-image-info.ts";
import { findBackingFault } from "../images/find-backing-fault.ts";
import type { ImageTools } from "../images/image-tools.ts";
import { BackupError } from "../model/failure.ts";
import type { Domain } from "../model/vm.ts";
import type { StoredVm } from "../plan/stored-vm.ts";
import type { GoodBackup } from "../store/backup-entry.ts";
import { readBounded } from "../store/read-bounded.ts";

/** Twice what libvirt itself sends. */
const longestDefinition = 8 * 1024 * 1024;

/**
 * Reads the definitions of a backup and the headers of its images, and holds them against each other and the manifest.
 * Nothing outside the backup's folder is opened.
 * @throws BackupError `backup-unusable`.
 */
export async function readStoredVm(
  { path, manifest }: GoodBackup,
  images: Pick<ImageTools, "info">,
): Promise<StoredVm> {
  const refuse = (detail: string): BackupError => new BackupError({ kind: "backup-unusable", path, detail });
  const read = async (file: StoredFile): Promise<string> => {
    const text = await readDefinition(path, file);
    if (text === undefined) throw refuse(`${file.fileName} is not the file that the manifest describes`);
    return text;
  };
  try {
    const originalXml = await read(manifest.files.originalXml);
    const domain = parseDomain(originalXml);
    const named = parseDomain(await read(manifest.files.patchedXml));
    const contradiction = findContradiction(domain, manifest);
    if (contradiction !== undefined) throw refuse(contradiction);
    const snapshots = [];
    for (const { name, parent, ...file } of manifest.snapshots.order) {
      const xml = await read(file);
      const found = parseSnapshot(xml);
      if (found.name !== name || found.parent !== parent)
        throw refuse(`${file.fileName} is not snapshot ${JSON.stringify(name)}`);
      snapshots.push({ name, xml });
    }
    await checkImages({ path, manifest }, images);
    return { path, manifest, originalXml, domain, namedFolder: folderOf(named), snapshots };
  } catch (error) {
    if (error instanceof XmlError || error instanceof AnswerError) throw refuse(error.message);
    throw error;
  }
}

type Manifest = GoodBackup["manifest"];
type StoredFile = Pick<Manifest["files"]["originalXml"], "fileName" | "sha256">;

async function readDefinition(folder: string, { fileName, sha256 }: StoredFile): Promise<string | undefined> {
  const reading = await readBounded(join(folder, fileName), longestDefinition);
  if (reading.kind !== "text") return undefined;
  return createHash("sha256").update(reading.text).digest("hex") === sha256 ? reading.text : undefined;
}

function findContradiction(domain: Domain, { vm, disks, newName, bootFiles }: Manifest): string | undefined {
  if (domain.name !== vm.name || domain.uuid.toLowerCase() !== vm.uuid.toLowerCase())
    return "original.xml is the definition of another VM";
  if (!isVmName(newName)) return `${JSON.stringify(newName)} cannot be the name of a VM`;
  const states = bootFiles.filter(({ role }) => role === "tpm").length;
  if (states > (domain.tpm?.backend === "emulator" ? 1 : 0))
    return "definition and manifest do not agree about the TPM";
  const defined = domain.disks.flatMap((disk) => (disk.kind === "included" ? [disk.target] : []));
  const copied = disks.map(({ target }) => target);
  const odd = [...defined, ...copied].find((one) => !(defined.includes(one) && copied.includes(one)));
  return odd === undefined ? undefined : `definition and manifest do not agree about disk ${odd}`;
}

/** Whether libvirt takes it for a VM's name, and a journal for a field. */
export function isVmName(name: string): boolean {
  return name.trim() !== "" && !/[/\p{Cc}]/u.test(name);
}

/** Where the copies of the disks were when the definitions were written. */
function folderOf(named: Domain): string {
  const disk = named.disks.find(({ kind }) => kind === "included");
  return disk?.path === undefined ? "/" : dirname(disk.path);
}

/** An image may name any file of the host as the one it is backed by: it must be the next layer, in the same folder. */
async function checkImages(
  { path, manifest }: Pick<GoodBackup, "path" | "manifest">,
  images: Pick<ImageTools, "info">,
): Promise<void> {
  for (const { layers, virtualBytes } of manifest.disks) {
    for (const [depth, { fileName, format }] of layers.entries()) {
      if (fileName.includes("/")) throw unusable(path, `${fileName} is an image in a folder of its own`);
      if (format === "raw") continue; // has no header, and its length was looked at
      const info = await images.info({ path: join(path, fileName), format }).catch((error: unknown) => {
        throw isDamage(error) ? unusable(path, `${fileName}: ${error.reason.detail}`) : error;
      });
      const flaw = findFlaw(info) ?? findBackingFault(info, layers[depth + 1]);
      if (flaw !== undefined) throw unusable(path, `${fileName} ${flaw}`);
      if (depth === 0 && info.virtualBytes !== virtualBytes)
        throw unusable(path, `${fileName} has another size than the manifest says`);
    }
  }
}

function findFlaw({ dataFile, isEncrypted }: ImageInfo): string | undefined {
  if (dataFile !== undefined) return "keeps its content in another file";
  return isEncrypted ? "is encrypted" : undefined;
}

/** What image tools say of an image that they would not open. */
function isDamage(
  error: unknown,
): error is { readonly reason: Extract<BackupError["reason"], { kind: "copy-damaged" }> } {
  return error instanceof BackupError && error.reason.kind === "copy-damaged";
}

function unusable(path: string, detail: string): BackupError {
  return new BackupError({ kind: "backup-unusable", path, detail });
}
