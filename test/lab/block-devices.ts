import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { runLocal } from "../../lib/shell/run-local.ts";
import type { HostPlace } from "./lab-place.ts";
import { runChecked } from "./run-checked.ts";

// Loop devices belong to the whole machine, so a host's are attached from outside: there the backing file has a path
// in the laboratory's folder, by which "down" finds the device again.

/** The loop device of this file, attached when it is not. */
export async function attachLoop(file: string): Promise<string> {
  const [attached] = await loopsOf(file);
  return attached ?? (await runChecked(["losetup", "--find", "--show", file])).trim();
}

/** Detaches every loop device whose backing file lies in this folder. */
export async function detachLoopsBelow(directory: string): Promise<void> {
  for (const device of await loopsBelow(directory)) await runChecked(["losetup", "--detach", device]);
}

interface Loop {
  readonly name: string;
  readonly "back-ino": string | number;
  readonly "back-maj:min": string;
  readonly "back-file": string;
}

/** The loop devices whose backing files lie in this folder: known by path or, when a host attached them, by inode. */
export async function loopsBelow(directory: string): Promise<string[]> {
  const columns = "NAME,BACK-INO,BACK-MAJ:MIN,BACK-FILE";
  const list = await runChecked(["losetup", "--list", "--json", "--output", columns]);
  if (list.trim() === "") return [];
  const { loopdevices } = JSON.parse(list) as { loopdevices: readonly Loop[] };
  const files = await filesBelow(directory);
  const isOurs = (loop: Loop): boolean =>
    loop["back-file"].startsWith(`${directory}/`) || identities(loop).some((identity) => files.has(identity));
  return loopdevices.filter(isOurs).map((loop) => loop.name);
}

/** A file below a host's overlay has a device number of the overlay's, but the inode and the name of the real file. */
function identities(loop: Loop): string[] {
  const device = loop["back-maj:min"].trim();
  const inode = String(loop["back-ino"]).trim();
  const name = basename(loop["back-file"].replace(/ \(deleted\)$/, ""));
  return [`${device} ${inode}`, ...(device.startsWith("0:") ? [`overlay ${inode} ${name}`] : [])];
}

async function filesBelow(directory: string): Promise<Set<string>> {
  const find = ["find", directory, "-xdev", "-type", "f", "-printf", "%D %i %f\\0"] as const;
  const { stdout } = await runLocal(find, { deadlineSeconds: 60 });
  return new Set(
    stdout.split("\0").flatMap((line) => {
      const [, device = "0", inode = "", name = ""] = /^(\d+) (\d+) (.*)$/s.exec(line) ?? [];
      return [`${majorMinor(Number(device))} ${inode}`, `overlay ${inode} ${name}`];
    }),
  );
}

/** A device number as losetup prints it. */
function majorMinor(device: number): string {
  return `${(device >>> 8) & 0xfff}:${(device & 0xff) | ((device >>> 12) & 0xfff00)}`;
}

/** Attaches the host's block devices again and writes down which link in its /dev/lab leads to which. */
export async function attachBlockDevices(place: HostPlace): Promise<void> {
  const list = await readFile(blockDeviceList(place), "utf8");
  let lines = "";
  for (const [, name, file] of list.matchAll(/^(\S+) \S+ (.+)$/gm)) {
    lines += `${name} ${await attachLoop(file as string)} ${file}\n`;
  }
  await writeFile(blockDeviceList(place), lines);
}

/** The file with one line for each block device: name, loop device, backing file. */
export function blockDeviceList(place: HostPlace): string {
  return join(place.directory, "block-devices");
}

async function loopsOf(file: string): Promise<string[]> {
  const text = await runChecked(["losetup", "--associated", file, "--noheadings", "--output", "NAME"]);
  return text.split("\n").filter(Boolean);
}
