// The file systems on a VM's disks, checked as they lie in its images.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileSystemOn, replayJournal } from "../../e2e/support/copied-file-system.ts";
import { assertWithoutGap } from "../../e2e/support/copied-sequence.ts";
import type { LabHost } from "../../lab/lab-host.ts";
import { runChecked } from "../../lab/run-checked.ts";
import { stateOf } from "../../lab/vm-state.ts";
import type { VmWitness } from "../vm-witness.ts";

/**
 * Asserts that the file system of each disk is clean and holds every number up to one that was written after the witness
 * was taken. A running guest is frozen while its images are copied; one that was ended had no time to put its file
 * systems away, so their journals are replayed first, as the next boot does.
 */
export async function assertFileSystems(host: LabHost, { vm, images, sequence }: VmWitness): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), "virtfold-fsck-"));
  try {
    const wasRunning = (await stateOf(host, vm)) === "running";
    const raws = await (wasRunning ? whileFrozen(host, vm, copyAll) : copyAll());
    for (const { target, raw } of raws) {
      if (!wasRunning) await replayJournal(raw);
      await runChecked(["e2fsck", "-f", "-n", raw]);
      const numbers = await fileSystemOn(raw, scratch).readSequence();
      assertWithoutGap(numbers, `${vm} ${target}`);
      assert.ok(numbers.at(-1)! >= sequence, `${vm} ${target} ends at ${numbers.at(-1)!}, not ${sequence}`);
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }

  async function copyAll(): Promise<readonly { readonly target: string; readonly raw: string }[]> {
    const disks = [...images.matchAll(/^ +([vs]d[a-z]) +(\/\S+)$/gm)].map(([, target, path]) => ({
      target: target!,
      path: path!,
    }));
    assert.ok(disks.length > 0, images);
    for (const { target, path } of disks) {
      await runChecked(["qemu-img", "convert", "-U", "-O", "raw", host.path(path), rawOf(target)]);
    }
    return disks.map(({ target }) => ({ target, raw: rawOf(target) }));
  }

  function rawOf(target: string): string {
    return join(scratch, `${target}.raw`);
  }
}

async function whileFrozen<T>(host: LabHost, vm: string, work: () => Promise<T>): Promise<T> {
  await host.check(["virsh", "domfsfreeze", vm]);
  try {
    return await work();
  } finally {
    await host.check(["virsh", "domfsthaw", vm]);
  }
}
