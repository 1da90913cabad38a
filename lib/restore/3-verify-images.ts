// Step 3: looks at what arrived, on the host itself.

import { AnswerError } from "../hypervisor/answer-error.ts";
import { parseImageInfo } from "../hypervisor/parse-image-info.ts";
import { imageInfo } from "../hypervisor/qemu-img.ts";
import { BackupError } from "../model/failure.ts";
import type { RestoredFile, RestorePlan } from "../model/restore.ts";
import type { PushedImages } from "./2-push-images.ts";
import type { CopyPorts } from "./ports.ts";

declare const verified: unique symbol;

/** Images that are on the host's disk as they were backed up. Only verifyImages makes these. */
export interface VerifiedImages extends PushedImages {
  readonly [verified]: true;
}

/** The slowest disk that anybody waits for, and what a file takes besides. */
const leastBytesPerSecond = 4 * 1024 * 1024;
const extraSeconds = 120;

// Durable first: what is read back afterwards may come from memory, but it is on the disk as well.
const settleFile = `set -e
[ -f "$1" ] && [ ! -L "$1" ]
chmod 600 -- "$1"
sync -- "$1" 2>/dev/null || sync
sha256sum <"$1"`;
// Made durable by what wrote it; a device may be longer than its image.
const readDevice = `[ -b "$1" ] && head -c "$2" <"$1" | sha256sum`;

/**
 * Compares every file that is there by now with the manifest, and has the host's own QEMU open each image.
 * @throws BackupError `arrived-damaged`, `image-refused`.
 */
export async function verifyImages(
  plan: RestorePlan,
  images: PushedImages,
  ports: CopyPorts,
): Promise<VerifiedImages> {
  const files = plan.files.filter(({ device }) => device === undefined);
  for (const file of files) {
    if (ports.signal.aborted) break;
    await verifyOne(plan, file, ports);
  }
  ports.emit({ kind: "images-verified", files: files.length });
  return images as VerifiedImages;
}

/** One of them, or what is on a device. */
export async function verifyOne(plan: RestorePlan, file: RestoredFile, ports: CopyPorts): Promise<void> {
  const path = file.stagedPath;
  const deadlineSeconds = extraSeconds + Math.ceil(file.bytes / leastBytesPerSecond);
  const isDevice = file.device !== undefined;
  const text = isDevice ? readDevice : settleFile;
  const command = ["sh", "-c", text, "sh", path, String(file.bytes)] as const;
  const result = await ports.shell.run(command, { deadlineSeconds });
  if (result.code !== 0) {
    const detail = result.stderr.trim().split("\n").at(-1) ?? "";
    const kind = isDevice ? "device-failed" : "push-failed";
    throw new BackupError({ kind, host: plan.host.name, path, code: result.code, detail });
  }
  const found = /^([0-9a-f]{64}) /.exec(result.stdout)?.[1];
  if (found !== file.sha256) throw await damaged(plan, file, ports);
  await openWithQemu(plan, { file, path }, ports);
}

async function damaged(plan: RestorePlan, file: RestoredFile, ports: CopyPorts): Promise<BackupError> {
  const isDamagedInStore = (await ports.hashStored(file.localPath)) !== file.sha256;
  const path = isDamagedInStore ? file.localPath : file.path;
  return new BackupError({ kind: "arrived-damaged", host: plan.host.name, path, isDamagedInStore });
}

async function openWithQemu(
  plan: RestorePlan,
  { file, path }: { readonly file: RestoredFile; readonly path: string },
  ports: CopyPorts,
): Promise<void> {
  if (file.format === undefined) return;
  const result = await ports.shell.run(imageInfo({ path, format: file.format }));
  let detail = result.code === 0 ? undefined : result.stderr.trim().split("\n").at(-1);
  try {
    if (detail === undefined) parseImageInfo(result.stdout);
  } catch (error) {
    if (!(error instanceof AnswerError)) throw error;
    detail = error.message;
  }
  if (detail !== undefined)
    throw new BackupError({ kind: "image-refused", host: plan.host.name, path: file.localPath, detail });
}
