import { randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cached } from "./cached.ts";
import { runChecked } from "./run-checked.ts";

/** A raw ext4 image of this size, made without any mount; sparse, and never written again: copies are what VMs use. */
export async function guestDiskTemplate(sizeMib: number, payloadMib: number): Promise<string> {
  const directory = await cached(`disk-${sizeMib}-${payloadMib}`, async (building) => {
    const tree = join(building, "tree");
    const image = join(building, "disk.raw");
    await mkdir(tree);
    if (payloadMib > 0) await writeFile(join(tree, "payload"), randomBytes(payloadMib * 1024 * 1024));
    const shape = [
      "-b",
      "4096",
      "-J",
      "size=4",
      "-E",
      "lazy_itable_init=1,root_owner=0:0",
      "-m",
      "0",
    ] as const;
    await runChecked(["mke2fs", "-q", "-F", "-t", "ext4", ...shape, "-d", tree, image, `${sizeMib}M`]);
    await rm(tree, { recursive: true });
  });
  return join(directory, "disk.raw");
}
