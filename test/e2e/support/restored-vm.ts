// A VM that was defined from a backup, on the hypervisor: does it become what the backup was made of?

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FoundBackup } from "../../lab/restore-by-hand.ts";
import type { LabHost } from "../../lab/lab-host.ts";
import { withCopiedFileSystem } from "./copied-file-system.ts";
import { watchSerial } from "./serial-line.ts";

/** Asserts that libvirt has understood every byte of the definition: it says it again as it stands in the backup. */
export async function assertDefinedAsWritten(
  host: LabHost,
  { folder, manifest }: FoundBackup,
): Promise<void> {
  const written = await readFile(join(folder, manifest.files.patchedXml.fileName), "utf8");
  assert.equal(await definitionOf(host, manifest.newName), written);
}

/** The definition of a VM for its next start, as libvirt gives it. */
export async function definitionOf(host: LabHost, vm: string): Promise<string> {
  return await host.check(["virsh", "dumpxml", "--inactive", "--security-info", vm]);
}

/**
 * Starts the restored VM and asserts that its guest boots from the copies and goes on writing: it finds each disk where
 * the copy ends, and its first number is the next one. The original, whose serial line it has, must be off.
 */
export async function assertGoesOn(
  host: LabHost,
  backup: FoundBackup,
  start: StartFromBackup,
): Promise<void> {
  const copied = await lastNumbers(backup, start.scratch);
  const serial = await watchSerial(host, backup.manifest.vm.name);
  await start.start();
  const first = Math.max(...copied.values()) + 1;
  await serial.waitFor(new RegExp(`^SEQ ${first + 2}\\r?$`, "m"));
  const text = await serial.text();
  assert.doesNotMatch(text, /GAP|IOERROR|I\/O error/);
  const found = [...text.matchAll(/^DISK (\S+) (\d+)\r?$/gm)].map(([, disk, last]) => [disk, Number(last)]);
  assert.deepEqual(
    Object.fromEntries(found),
    Object.fromEntries(copied),
    "a disk ends elsewhere than its copy",
  );
  assert.equal(
    Number(/^SEQ (\d+)\r?\n/m.exec(text)?.[1]),
    first,
    "the guest does not go on where the copy ends",
  );
}

/** How the VM is started, and a folder for what is read meanwhile. */
export interface StartFromBackup {
  readonly start: () => Promise<unknown>;
  readonly scratch: string;
}

/** Asserts that QEMU runs the restored VM with the copy of its UEFI variables. */
export async function assertUsesVariables(host: LabHost, { folder, manifest }: FoundBackup): Promise<void> {
  const nvram = manifest.bootFiles.find(({ role }) => role === "nvram");
  assert.ok(nvram, `the backup of ${manifest.vm.name} has no UEFI variables`);
  const show = `tr '\\0' '\\n' <"/proc/$(cat "$1")/cmdline"`;
  const line = await host.check(["sh", "-c", show, "sh", `/run/libvirt/qemu/${manifest.newName}.pid`]);
  assert.ok(line.includes(join(folder, nvram.fileName)), line);
}

/** By disk, the last number on its copy. */
async function lastNumbers({ folder, manifest }: FoundBackup, scratch: string): Promise<Map<string, number>> {
  const last = new Map<string, number>();
  for (const { target } of manifest.disks) {
    const disk = { folder, manifest, target, scratch };
    const numbers = await withCopiedFileSystem(disk, (fileSystem) => fileSystem.readSequence());
    last.set(target, numbers.at(-1) ?? 0);
  }
  return last;
}
