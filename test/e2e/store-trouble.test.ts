// A store that is missing, no folder, read-only or full, before and in the middle of a backup: one sentence, the right
// exit code, and the host and earlier backups as they were.

import assert from "node:assert/strict";
import { open, rm, writeFile, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { runChecked } from "../lab/run-checked.ts";
import { openBackupCase, type BackupCase } from "./support/backup-case.ts";
import { withSlowLink } from "./support/slow-link.ts";
import { withSmallVolume } from "./support/small-volume.ts";
import { assertStoreAsBefore, rememberStore } from "./support/store-memory.ts";
import { thorough } from "./support/thorough.ts";
import { onlySentence, runBackup, startBackup, type RunEnd } from "./support/virtfold-process.ts";

describe("a store in trouble", { timeout: 600_000 }, () => {
  let given: BackupCase;
  before(async () => void (given = await openBackupCase("hv2", ["web"])));
  after(() => given?.scratch.remove());

  const into = (store: string): readonly string[] => given.argumentsFor("web").with(2, store);

  it("that is missing is not made: most likely it is not mounted", async () => {
    const { code, stderr } = await runBackup(into(`${given.store}/missing`));
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^ERROR: Cannot use store ".*\/missing": it does not exist\. Create it \(or mount it\) and run the command again$/m,
    );
    await given.assertAllAsBefore();
  });

  it("that is no folder, or read-only, is refused before any host is asked", async () => {
    const file = join(given.scratch.directory, "file");
    await writeFile(file, "");
    await assertNotWritable(await runBackup(into(file)), /: not a folder\./);
    await withSmallVolume(join(given.scratch.directory, "read-only"), 1, async (folder) => {
      await runChecked(["mount", "-o", "remount,ro", folder]);
      await assertNotWritable(await runBackup(into(folder)), /EROFS|read-only file system/);
    });
    await given.assertAllAsBefore();
  });

  async function assertNotWritable({ code, stderr }: RunEnd, why: RegExp): Promise<void> {
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^ERROR: Cannot write to store "\S+": .*\. Check that it is a folder, its owner, its mode and whether it is mounted read-only$/m,
    );
    assert.match(stderr, why);
    assert.doesNotMatch(stderr, /asking for its VMs/);
  }

  it("that is too small is found out before a disk is copied", async () => {
    await withSmallVolume(join(given.scratch.directory, "small"), 16, async (folder) => {
      const before = await rememberStore(folder);
      const end = await runBackup(into(folder));
      assert.equal(end.code, 3, end.stderr);
      assert.match(
        onlySentence(end),
        /Cannot fit the backup into store ".*\/small": it needs \d+\.\d MiB and 1\d\.\d MiB are free\. Free some space or choose another --store$/,
      );
      assert.doesNotMatch(end.stderr, /vda: .* → /);
      await assertStoreAsBefore(folder, before);
    });
    await given.assertAllAsBefore();
  });

  thorough("that fills up while a disk is copied costs this backup only", async () => {
    await withSmallVolume(join(given.scratch.directory, "filling"), 100, async (folder) => {
      assert.equal((await runBackup(into(folder))).code, 0);
      const before = await rememberStore(folder);
      const end = await withSlowLink(given.host, 40, async () => {
        const run = startBackup(into(folder));
        await run.logged(/vda: .* → /);
        await fill(folder);
        return await run.end;
      });
      assert.equal(end.code, 3, end.stderr);
      assert.match(
        onlySentence(end),
        /Cannot fit the backup into store ".*\/filling": no space left\. Free some space or choose another --store$/,
      );
      await rm(join(folder, "ballast"));
      await assertStoreAsBefore(folder, before);
    });
    await given.assertAllAsBefore();
  });
});

/** Leaves no room in a small file system. How much there is cannot be asked first: the copy takes of it meanwhile. */
async function fill(folder: string): Promise<void> {
  const ballast = await open(join(folder, "ballast"), "w");
  try {
    await pourInto(ballast);
  } finally {
    await ballast.close();
  }
}

async function pourInto(ballast: FileHandle): Promise<void> {
  const some = Buffer.alloc(64 * 1024);
  try {
    for (;;) await ballast.write(some);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
  }
}
