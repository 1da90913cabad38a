// What a qcow2 image's header says before any program is let near it.

import { constants } from "node:fs";
import { open } from "node:fs/promises";

const magic = 0x514649fb;
/** Incompatible feature bit 2: the guest's data is in another file, which any opening of the image would open. */
const externalData = 1n << 2n;

/** Why qemu-img must not open this image, in few words; undefined when it may. Throws system errors. */
export async function findHeaderFault(file: string): Promise<string | undefined> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const header = Buffer.alloc(80);
    const { bytesRead } = await handle.read(header, 0, header.length, 0);
    if (bytesRead < 72 || header.readUInt32BE(0) !== magic) return "it is no qcow2 image";
    const version = header.readUInt32BE(4);
    if (version !== 2 && version !== 3) return `qcow2 of version ${version}`;
    if (version === 3 && (header.readBigUInt64BE(72) & externalData) !== 0n)
      return "its data is in a file outside the image";
    return undefined;
  } finally {
    await handle.close();
  }
}
