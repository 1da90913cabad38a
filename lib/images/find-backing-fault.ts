// Whether an image of a backup stands on the next layer of its chain, in the same folder, and on nothing else. Pure.

import type { ImageInfo } from "../hypervisor/parse-image-info.ts";
import type { DiskFormat } from "../model/vm.ts";

/** The image that is to lie below; its name is that of a file in the same folder. */
export interface LayerBelow {
  readonly fileName: string;
  readonly format: DiskFormat;
}

/**
 * What is wrong with that which an image names as its base, in few words; undefined when nothing is. An image from
 * elsewhere may name any file, and whatever opens the image reads that too: QEMU takes a name with a colon for a protocol
 * unless a folder comes first, and finds out a format that is not named by looking into the file.
 */
export function findBackingFault(
  { backing }: Pick<ImageInfo, "backing">,
  below: LayerBelow | undefined,
): string | undefined {
  if (backing === undefined)
    return below === undefined
      ? undefined
      : `is based on nothing instead of ${JSON.stringify(below.fileName)}`;
  const isBelow =
    below !== undefined &&
    (backing.name === `./${below.fileName}` ||
      (backing.name === below.fileName && !below.fileName.includes(":")));
  if (!isBelow)
    return `is based on ${JSON.stringify(backing.name)} instead of ${below === undefined ? "nothing" : JSON.stringify(below.fileName)}`;
  if (backing.format === below.format) return undefined;
  return `takes what it is based on for ${backing.format ?? "whatever it looks like"}`;
}
