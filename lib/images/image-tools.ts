// What is done to copied images on this machine with qemu-img. Formats are always named, never probed: a guest can
// write a qcow2 header onto its raw disk and make a prober follow it anywhere.

import { rename, unlink } from "node:fs/promises";
import { basename } from "node:path";
import { parseImageInfo, type ImageInfo } from "../hypervisor/parse-image-info.ts";
import { checkImage, convertCompressed, imageInfo, rebaseUnsafe } from "../hypervisor/qemu-img.ts";
import { BackupError } from "../model/failure.ts";
import type { DiskFormat } from "../model/vm.ts";
import type { Command } from "../shell/command.ts";
import { runLocal, type LocalResult } from "../shell/run-local.ts";
import { findHeaderFault } from "./find-header-fault.ts";

/** A copied image. */
export interface LocalImage {
  /** Absolute path on this machine. */
  readonly path: string;
  readonly format: DiskFormat;
}

export type Compression = "zlib" | "zstd";

/**
 * qemu-img on this machine. All of it can be aborted; all failures are BackupErrors that name the file. An image whose
 * header would have another file opened for its data is never given to qemu-img: it throws `copy-damaged`.
 */
export interface ImageTools {
  /** Header facts of one image, not of what it is backed by. */
  info(image: LocalImage): Promise<ImageInfo>;
  /** `qemu-img check`: damage throws `copy-damaged`; leaked clusters only waste space and pass. */
  check(image: LocalImage): Promise<void>;
  /** Makes the image name what it is backed by, a file in its own folder. */
  nameBacking(
    image: LocalImage,
    backing: { readonly fileName: string; readonly format: DiskFormat },
  ): Promise<void>;
  /** Replaces the image by a compressed one of the same guest-visible content. Loses internal snapshots. */
  compress(image: LocalImage, compression: Compression): Promise<void>;
}

/** Leaks: `qemu-img check` found clusters that nothing uses, and no other fault (qemu-img(1), EXIT STATUS of check). */
const leaksOnly = 3;

/** Whose images are worked on and where they are, for messages; and what ends the work. */
export interface ImageToolsOptions {
  readonly vm: string;
  readonly store: string;
  readonly signal: AbortSignal;
}

/** qemu-img as it is installed here. */
export function localImageTools({ vm, store, signal }: ImageToolsOptions): ImageTools {
  const run = async (command: Command): Promise<LocalResult> => {
    const result = await runLocal(command, { signal });
    if (result.endedBy === "abort")
      throw new BackupError({ kind: "interrupted", signal: String(signal.reason) });
    if (result.code === 127)
      throw new BackupError({ kind: "tool-missing", where: "this machine", tool: "qemu-img" });
    if (/No space left on device/.test(result.stderr)) {
      throw new BackupError({
        kind: "store-full",
        store,
        neededBytes: undefined,
        freeBytes: undefined,
      });
    }
    return result;
  };
  const mustRun = async (command: Command, image: LocalImage): Promise<string> => {
    const result = await run(command);
    if (result.code !== 0) throw damaged(vm, image, result);
    return result.stdout;
  };
  const mustBeSound = async (image: LocalImage): Promise<void> => {
    if (image.format !== "qcow2") return;
    const detail = await findHeaderFault(image.path).catch((error: unknown) =>
      error instanceof Error ? error.message : String(error),
    );
    if (detail !== undefined)
      throw new BackupError({ kind: "copy-damaged", vm, fileName: basename(image.path), detail });
  };
  return {
    info: async (image) => {
      await mustBeSound(image);
      return parseImageInfo(await mustRun(imageInfo(image), image));
    },
    check: async (image) => {
      await mustBeSound(image);
      const result = await run(checkImage(image));
      if (result.code !== 0 && result.code !== leaksOnly) throw damaged(vm, image, result);
    },
    nameBacking: async (image, backing) => {
      await mustBeSound(image);
      await mustRun(rebaseUnsafe(image, backing), image);
    },
    compress: async (image, compression) => {
      await mustBeSound(image);
      const target = `${image.path}.compressed`;
      try {
        await mustRun(convertCompressed(image, { target, compression }), image);
        await rename(target, image.path);
      } catch (error) {
        await unlink(target).catch(() => undefined);
        throw error;
      }
    },
  };
}

function damaged(vm: string, image: LocalImage, result: LocalResult): BackupError {
  const fileName = basename(image.path);
  const detail = `${result.stderr}\n${result.stdout}`.trim().split("\n").slice(0, 3).join("; ");
  return new BackupError({ kind: "copy-damaged", vm, fileName, detail });
}
