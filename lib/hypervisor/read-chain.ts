// The backing chain of an image, as `qemu-img info --backing-chain` tells it → layers that can be copied.

import { diskFormats, type DiskFormat, type Layer } from "../model/vm.ts";
import { AnswerError } from "./answer-error.ts";
import { type ImageInfo, parseImageChain } from "./parse-image-info.ts";

/** A layer before its file was looked at. */
export type ChainLayer = Pick<
  Layer,
  "path" | "format" | "virtualBytes" | "allocatedBytes" | "snapshotNames" | "obstacle"
>;

/** The chain, or why there is none to be had. */
export type ChainReading =
  | { readonly kind: "chain"; readonly layers: readonly ChainLayer[] }
  | { readonly kind: "trouble"; readonly detail: string };

/**
 * Reads a chain. Each layer's path and format are what the layer above names: a layer that names no format for what
 * it is backed by is refused, since QEMU would then probe what a guest may have written.
 */
export function readChain(
  top: { readonly path: string; readonly format: DiskFormat },
  text: string,
): ChainReading {
  const infos = parse(text);
  if (infos === undefined) return trouble("qemu-img info printed something else");
  const layers: ChainLayer[] = [];
  let next: { readonly path: string; readonly format: DiskFormat } = top;
  for (const [depth, info] of infos.entries()) {
    layers.push(toLayer(next, info));
    const isLast = depth === infos.length - 1;
    if (info.backing === undefined)
      return isLast ? { kind: "chain", layers } : trouble("the chain does not end");
    const format = diskFormats.find((known) => known === info.backing?.format);
    if (format === undefined) {
      return trouble(
        `${next.path} names ${info.backing.format ?? "no format"} as the format of its backing file`,
      );
    }
    const path = info.backing.fullName;
    if (!path.startsWith("/")) return trouble(`${next.path} is backed by ${path}, which is no file`);
    next = { path, format };
  }
  return trouble("the chain is cut off");
}

function toLayer(place: { readonly path: string; readonly format: DiskFormat }, info: ImageInfo): ChainLayer {
  return {
    ...place,
    virtualBytes: info.virtualBytes,
    allocatedBytes: info.allocatedBytes ?? 0,
    snapshotNames: info.snapshots,
    obstacle:
      info.dataFile === undefined ? (info.isEncrypted ? "encrypted" : undefined) : "external-data-file",
  };
}

function parse(text: string): readonly ImageInfo[] | undefined {
  try {
    return parseImageChain(text);
  } catch (error) {
    if (error instanceof AnswerError) return undefined;
    throw error;
  }
}

const trouble = (detail: string): ChainReading => ({ kind: "trouble", detail });
