// Commands to give qemu-img. Formats are always named, never probed: a guest can write a qcow2 header onto its raw disk
// and make a prober follow it anywhere.
//
// qemu-img takes a name with a colon before its first slash for a protocol (`nbd:…`, `json:…`; path_has_protocol in
// QEMU's block.c), and quotes nothing. So images are named by absolute path, which is never taken so.

import type { DiskFormat } from "../model/vm.ts";
import type { Command } from "../shell/command.ts";

/** An image and its format. */
export interface ImageFile {
  /** Absolute. */
  readonly path: string;
  readonly format: DiskFormat;
}

/** The first qemu-img with `-U`, and with locks that make it needed for images in use (release notes of QEMU 2.10). */
export const forceShareVersion = [2, 10] as const;

/** The first qemu-img that writes, and QEMU that reads, zstd-compressed qcow2 (release notes of QEMU 5.1). */
export const zstdVersion = [5, 1] as const;

/** Facts of an image and of all it is backed by; for parseImageChain. */
export function chainInfo(image: ImageFile, options: { readonly canForceShare: boolean }): Command {
  const share = options.canForceShare ? ["-U"] : [];
  return ["qemu-img", "info", ...share, "--backing-chain", "--output=json", ...named(image)];
}

/** Facts of one image, not of what it is backed by, which need not exist; for parseImageInfo. */
export function imageInfo(image: ImageFile): Command {
  return ["qemu-img", "info", "--output=json", ...named(image)];
}

// As guard.sh does it: what is at depth 0 is in the image itself, even where it is only zeroes.
const holdsNothing = `
qemu-img map --output=json "$@" 2>/dev/null |
  awk '/"depth": 0,/ { own = 1 } { last = $0 } END { if (last !~ /]$/) exit 2; exit own }'`;

/** Ends with 0 when a qcow2 image holds nothing of its own, 1 when it does, 2 when that cannot be told. */
export function testEmpty(image: ImageFile, options: { readonly canForceShare: boolean }): Command {
  const share = options.canForceShare ? ["-U"] : [];
  return ["sh", "-c", holdsNothing, "sh", ...share, ...named(image)];
}

/** Looks for damage. Ends with 0 when sound, 2 when damaged, 3 when only clusters are leaked; 63 for raw images. */
export function checkImage(image: ImageFile): Command {
  return ["qemu-img", "check", ...named(image)];
}

/**
 * Writes into a qcow2 image that it is backed by a file in its own folder, whatever it said before. Nothing is read
 * or converted: right only when that file is a copy of the old one.
 */
export function rebaseUnsafe(
  image: ImageFile,
  backing: { readonly fileName: string; readonly format: DiskFormat },
): Command {
  const { fileName, format } = backing;
  if (fileName === "" || fileName.includes("/"))
    throw new TypeError(`Not a file name: ${JSON.stringify(fileName)}`);
  const relative = fileName.includes(":") ? `./${fileName}` : fileName;
  return ["qemu-img", "rebase", "-u", "-b", relative, "-F", format, ...named(image)];
}

/** The same for a file anywhere. */
export function rebaseUnsafeTo(image: ImageFile, backing: ImageFile): Command {
  return ["qemu-img", "rebase", "-u", "-b", absolute(backing.path), "-F", backing.format, ...named(image)];
}

/** Writes a compressed qcow2 image of the same guest-visible content. Internal snapshots are lost. */
export function convertCompressed(
  image: ImageFile,
  to: { readonly target: string; readonly compression: "zlib" | "zstd" },
): Command {
  // Older ones do not know the option, and use zlib.
  const type = to.compression === "zlib" ? [] : ["-o", `compression_type=${to.compression}`];
  return ["qemu-img", "convert", "-c", "-O", "qcow2", ...type, ...named(image), absolute(to.target)];
}

function named({ path, format }: ImageFile): readonly string[] {
  return ["-f", format, "--", absolute(path)];
}

function absolute(path: string): string {
  if (!path.startsWith("/")) throw new TypeError(`Not an absolute path: ${JSON.stringify(path)}`);
  return path;
}
