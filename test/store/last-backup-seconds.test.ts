import assert from "node:assert/strict";
import { mkdir, mkdtemp, rename, symlink, unlink } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { lastBackupSeconds } from "../../lib/store/last-backup-seconds.ts";
import { openStore } from "../../lib/store/store.ts";
import { awkwardNames, later, publishSample, sampleDraft, temporaryFolder } from "./sample-backup.ts";

describe("lastBackupSeconds()", () => {
  const folder = temporaryFolder();
  const { host, vm, startedAt } = sampleDraft();
  const of = (directory: string): Promise<number | undefined> =>
    lastBackupSeconds(directory, host.name, vm.name);
  const expected = (later().getTime() - Date.parse(startedAt)) / 1000;

  it("is that of the newest good backup, and of an older one where that is broken", async () => {
    const { directory, ...store } = await openStore(await mkdtemp(path.join(folder, "s")));
    assert.equal(await of(directory), undefined);
    await publishSample({ directory, ...store });
    assert.equal(await of(directory), expected);
    // It begins ten seconds later and ends at the same moment.
    const newer = new Date(Date.parse(startedAt) + 10_000).toISOString();
    const published = await publishSample({ directory, ...store }, { startedAt: newer });
    assert.equal(await of(directory), expected - 10);
    await unlink(path.join(published.path, "manifest.json"));
    assert.equal(await of(directory), expected);
  });

  it("is unknown for a VM whose folder is a link, no folder, or never was", async () => {
    const store = await openStore(await mkdtemp(path.join(folder, "s")));
    const { path: backup } = await publishSample(store);
    const vmFolder = path.dirname(backup);
    await rename(vmFolder, `${vmFolder}.moved`);
    await symlink(`${vmFolder}.moved`, vmFolder);
    assert.equal(await of(store.directory), undefined);
    for (const name of awkwardNames)
      assert.equal(await lastBackupSeconds(store.directory, name, name), undefined);
    await mkdir(path.join(store.directory, "empty", "vm"), { recursive: true });
    assert.equal(await lastBackupSeconds(store.directory, "empty", "vm"), undefined);
  });
});
