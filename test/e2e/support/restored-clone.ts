// A VM that `restore` has made: where it lies, what its guest prints, and how it goes again.

import { readFile } from "node:fs/promises";
import { posix } from "node:path";
import type { LabHost } from "../../lab/lab-host.ts";
import { waitUntil } from "../../lab/wait-until.ts";

const images = "/var/lib/libvirt/images";

/** The folder of a restored VM, whose name has plain characters only. */
export function folderOf(name: string): string {
  return posix.join(images, name);
}

/** Waits until what the restored VM's guest has printed matches; `vm` is the original, whose line had that name. */
export async function waitForLine(
  host: LabHost,
  { name, vm }: { readonly name: string; readonly vm: string },
  pattern: RegExp,
): Promise<string> {
  const path = host.path(posix.join(folderOf(name), `${vm}.log`));
  const text = (): Promise<string> => readFile(path, "utf8");
  await waitUntil(`"${name}" prints ${String(pattern)}`, { limitSeconds: 180, explain: text }, async () =>
    pattern.test(await text()) ? true : undefined,
  );
  return await text();
}

/** Removes it, as a person would. */
export async function removeClone(host: LabHost, name: string): Promise<void> {
  await host.run(["virsh", "destroy", name]);
  await host.run(["virsh", "undefine", name, "--snapshots-metadata", "--nvram"]);
  await host.check(["rm", "-rf", folderOf(name)]);
}

/** All that a restore may have left of a VM of this name: nothing when empty. */
export async function describeClone(host: LabHost, name: string): Promise<string> {
  return await host.check(["sh", "-c", listClone, "sh", name, images]);
}

const listClone = `
virsh list --all --name | grep -xF -- "$1"
virsh snapshot-list "$1" --name 2>/dev/null | grep .
ls -d "$2/$1"* "$2"/*.virtfold-* 2>/dev/null
ls /var/lib/virtfold/*/journal 2>/dev/null
true`;
