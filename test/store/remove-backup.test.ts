import assert from "node:assert/strict";
import {
  access,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import type { GoodBackup } from "../../lib/store/backup-entry.ts";
import type { Store } from "../../lib/store/store.ts";
import { openStore } from "../../lib/store/store.ts";
import { reasonOf } from "./reason-of.ts";
import { goodBackups, publishSample, temporaryFolder } from "./sample-backup.ts";

describe("removeBackup()", () => {
  const folder = temporaryFolder();
  const storeWithTwo = async (): Promise<{
    store: Store;
    first: GoodBackup;
    second: GoodBackup;
    home: string;
  }> => {
    const store = await openStore(await mkdtemp(path.join(folder, "s")));
    for (const day of [1, 2]) await publishSample(store, { startedAt: `2026-11-0${day}T00:00:00.000Z` });
    const [first, second] = await goodBackups(store);
    return { store, first: first!, second: second!, home: path.join(store.directory, "kvm1", "web") };
  };
  /** Removal of the first backup must be refused after this; whatever is there then must stay as it is. */
  const refusal = async (change: (backup: string, home: string) => Promise<unknown>): Promise<string> => {
    const { store, first, home } = await storeWithTwo();
    await change(first.path, home);
    const before = (await readdir(store.directory, { recursive: true })).sort();
    const reason = await reasonOf(store.removeBackup(first));
    assert.ok(reason.kind === "store-entry-bad", JSON.stringify(reason));
    assert.deepEqual((await readdir(store.directory, { recursive: true })).sort(), before);
    return reason.detail;
  };

  it("removes exactly that folder", async () => {
    const { store, first, second, home } = await storeWithTwo();
    await store.removeBackup(first);
    assert.deepEqual((await readdir(home)).sort(), [second.folderName, "latest"]);
    assert.equal(await readlink(path.join(home, "latest")), second.folderName);
  });

  it("lets latest lead to what is left, or be gone", async () => {
    const { store, first, second, home } = await storeWithTwo();
    await store.removeBackup(second);
    assert.equal(await readlink(path.join(home, "latest")), first.folderName);
    await store.removeBackup(first);
    assert.deepEqual(await readdir(home), []);
  });

  it("follows no link out of the backup", async () => {
    const { store, first } = await storeWithTwo();
    const outside = await mkdtemp(path.join(folder, "outside"));
    await writeFile(path.join(outside, "precious"), "");
    await symlink(outside, path.join(first.path, "link"));
    await mkdir(path.join(first.path, "notes"));
    await symlink(path.join(outside, "precious"), path.join(first.path, "notes", "link"));
    await store.removeBackup(first);
    await access(path.join(outside, "precious"));
    await assert.rejects(lstat(first.path), { code: "ENOENT" });
  });

  it("refuses another backup in the same place", async () => {
    const detail = await refusal(async (backup) => {
      await rm(backup, { recursive: true });
      const other = await openStore(await mkdtemp(path.join(folder, "o")));
      const { path: replacement } = await publishSample(other, { startedAt: "2026-11-01T00:00:00.000Z" });
      await rename(replacement, backup);
    });
    assert.equal(detail, "another backup than the one listed");
  });

  it("refuses a folder that is a link now", async () => {
    const detail = await refusal(async (backup) => {
      await rename(backup, `${backup}-moved`);
      await symlink(`${path.basename(backup)}-moved`, backup);
    });
    assert.equal(detail, "symbolic link, not a folder");
  });

  it("refuses when a folder above is a link now", async () => {
    const detail = await refusal(async (_backup, home) => {
      await rename(home, `${home}-moved`);
      await symlink(`${path.basename(home)}-moved`, home);
    });
    assert.equal(detail, "symbolic link, not a folder");
  });

  it("refuses a backup that lost a file since", async () => {
    const detail = await refusal(async (backup) => rm(path.join(backup, "vda.qcow2")));
    assert.equal(detail, "changed since it was listed: file-missing");
  });

  it("refuses a backup that a VM may be running on", async () => {
    const detail = await refusal(async (backup) => {
      const disk = path.join(backup, "vda.qcow2");
      await new Promise((resolve) => setTimeout(resolve, 20));
      await writeFile(disk, (await readFile(disk)).fill("x"));
    });
    assert.equal(detail, "vda.qcow2 was written after the backup was published");
  });

  it("refuses a backup of another store", async () => {
    const { first } = await storeWithTwo();
    const { store } = await storeWithTwo();
    await assert.rejects(store.removeBackup(first), { name: "Error" });
    await access(first.path);
  });
});
