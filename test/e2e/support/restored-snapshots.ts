// Internal snapshots of a VM that was defined from a backup: is each of them what the original's is?

import assert from "node:assert/strict";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { FoundBackup } from "../../lab/restore-by-hand.ts";
import type { LabHost } from "../../lab/lab-host.ts";
import { stateOf } from "../../lab/vm-state.ts";
import { assertWithoutGap } from "./copied-sequence.ts";
import { fileSystemOn, replayJournal } from "./copied-file-system.ts";
import { assertSameContent } from "./same-content.ts";
import { watchSerial } from "./serial-line.ts";

/** Asserts that the restored VM has the original's tree of snapshots, and the same current one. */
export async function assertSameTree(host: LabHost, { manifest }: FoundBackup): Promise<void> {
  const { vm, newName, snapshots } = manifest;
  const treeOf = (name: string): Promise<string> => host.check(["virsh", "snapshot-list", "--tree", name]);
  assert.equal(await treeOf(newName), await treeOf(vm.name));
  const current = await host.check(["virsh", "snapshot-current", "--name", newName]);
  assert.equal(current.trim(), snapshots.current);
  assert.equal(current, await host.check(["virsh", "snapshot-current", "--name", vm.name]));
}

/**
 * Reverts the restored VM to one of its snapshots and asserts that its disk is, byte by byte, what the original's image
 * holds in that snapshot; and that a snapshot with memory brings back a guest that goes on instead of booting. The
 * original must be off.
 */
export async function assertReverts(
  host: LabHost,
  backup: FoundBackup,
  { snapshot, scratch }: { readonly snapshot: string; readonly scratch: string },
): Promise<void> {
  const { newName, disks } = backup.manifest;
  const hasMemory = await tookMemory(backup, snapshot);
  const revert = ["virsh", "snapshot-revert", newName, snapshot, ...(hasMemory ? ["--paused"] : [])] as const;
  await host.check(revert);
  assert.equal(await stateOf(host, newName), hasMemory ? "paused" : "shut off");
  for (const { source, layers } of disks) {
    const then = await contentThen(host, source.path, snapshot);
    const now = await host.check(["virsh", "domblklist", newName]);
    assert.ok(now.includes(layers[0]!.fileName));
    try {
      const copy = { path: join(backup.folder, layers[0]!.fileName), format: "qcow2" } as const;
      await assertSameContent(host, { path: then, format: "raw" }, copy);
      if (hasMemory) await assertWakes(host, backup, { raw: host.path(then), scratch });
    } finally {
      await rm(host.path(then), { force: true });
    }
  }
}

async function tookMemory({ folder, manifest }: FoundBackup, snapshot: string): Promise<boolean> {
  const file = manifest.snapshots.order.find(({ name }) => name === snapshot);
  const xml = await readFile(join(folder, file!.fileName), "utf8");
  return /^ {2}<state>running<\/state>$/m.test(xml);
}

/** What a snapshot in the original's image holds, as a raw file that the host sees. */
async function contentThen(host: LabHost, image: string, snapshot: string): Promise<string> {
  const raw = "/srv/snapshot-content.raw";
  const flags = ["-f", "qcow2", "-O", "raw", "-l", `snapshot.name=${snapshot}`] as const;
  await host.check(["qemu-img", "convert", ...flags, image, raw]);
  return raw;
}

/** The guest was in the middle of its work: it goes on with the next number, and does not boot. */
async function assertWakes(
  host: LabHost,
  { manifest }: FoundBackup,
  { raw, scratch }: { readonly raw: string; readonly scratch: string },
): Promise<void> {
  await replayJournal(raw);
  const numbers = await fileSystemOn(raw, scratch).readSequence();
  assertWithoutGap(numbers, "the disk of that time");
  const last = numbers.at(-1)!;
  const serial = await watchSerial(host, manifest.vm.name);
  await host.check(["virsh", "resume", manifest.newName]);
  await serial.waitFor(new RegExp(`^SEQ ${last + 2}\\r?$`, "m"));
  const text = await serial.text();
  assert.doesNotMatch(text, /GAP|IOERROR|I\/O error|^DISK /m);
  const first = Number(/^SEQ (\d+)\r?\n/m.exec(text)?.[1]);
  // The snapshot may lie between a write and the line that tells of it.
  assert.ok(first === last || first === last + 1, `the guest goes on with ${first} after ${last}`);
}
