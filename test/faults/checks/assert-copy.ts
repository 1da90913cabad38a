// Does a new backup hold what its VM had written, whole and unbroken?

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withCopiedFileSystem } from "../../e2e/support/copied-file-system.ts";
import { assertWithoutGap } from "../../e2e/support/copied-sequence.ts";
import { assertSoundFolder } from "../../e2e/support/sound-folder.ts";
import type { FoundBackup } from "../../lab/restore-by-hand.ts";
import type { VmWitness } from "../vm-witness.ts";

/**
 * Asserts that a backup is whole, and that each disk in it has a clean file system with every number up to one that was
 * written after the witness was taken, all of the same moment.
 */
export async function assertCopyWithoutGap(backup: FoundBackup, { sequence }: VmWitness): Promise<void> {
  await assertSoundFolder(backup);
  const { folder, manifest } = backup;
  // What was copied shut off was cut off by the fault: its journals are to be replayed too.
  const consistency = manifest.consistency === "offline" ? "crash" : manifest.consistency;
  const scratch = await mkdtemp(join(tmpdir(), "virtfold-copy-"));
  try {
    const last: number[] = [];
    for (const { target } of manifest.disks) {
      const disk = { folder, manifest: { ...manifest, consistency }, target, scratch };
      const numbers = await withCopiedFileSystem(disk, (fileSystem) => fileSystem.readSequence());
      assertWithoutGap(numbers, `the copy of ${manifest.vm.name} ${target}`);
      last.push(numbers.at(-1)!);
    }
    assert.ok(Math.min(...last) >= sequence, `it ends at ${last.join(", ")}, before ${sequence}`);
    assert.ok(Math.max(...last) - Math.min(...last) <= 1, `disks of different moments: ${last.join(", ")}`);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
