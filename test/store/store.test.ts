// The one store there is, on the disk. There is no store in memory to test against: what matters about a store is
// what the file system does (rename, links, syncing), and copiers and qemu-img need real paths anyway.

import assert from "node:assert/strict";
import { lstat, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { openStore } from "../../lib/store/store.ts";
import { checkStoreContract } from "../contract/store-contract.ts";
import { reasonOf } from "./reason-of.ts";
import { identityOf, sampleDraft, temporaryFolder } from "./sample-backup.ts";

describe("the disk store", () => {
  const folder = temporaryFolder();
  checkStoreContract(async () => openStore(await mkdtemp(path.join(folder, "store "))));
});

describe("openStore()", () => {
  const folder = temporaryFolder();

  it("never makes the store", async () => {
    const store = path.join(folder, "not mounted");
    assert.deepEqual(await reasonOf(openStore(store)), { kind: "store-missing", store });
    await assert.rejects(lstat(store), { code: "ENOENT" });
  });

  it("refuses what is no folder", async () => {
    const store = path.join(folder, "file");
    await writeFile(store, "");
    assert.equal((await reasonOf(openStore(store))).kind, "store-not-writable");
    assert.equal((await reasonOf(openStore(path.join(store, "below")))).kind, "store-not-writable");
  });

  it("follows the operator's own link to the store", async () => {
    await mkdir(path.join(folder, "real"));
    await symlink("real", path.join(folder, "link"));
    const store = await openStore(path.join(folder, "link"));
    assert.equal(store.directory, path.join(folder, "real"));
  });

  it("says that the store is missing when it vanishes", async () => {
    const store = await openStore(await mkdtemp(path.join(folder, "vanishing ")));
    await rm(store.directory, { recursive: true });
    assert.equal((await reasonOf(store.listBackups())).kind, "store-missing");
    assert.equal((await reasonOf(store.freeBytes())).kind, "store-missing");
    await assert.rejects(store.beginBackup(identityOf(sampleDraft())), { name: "BackupError" });
  });

  it("opens for reading without asking for more", async () => {
    const store = await openStore(folder, { access: "read" });
    assert.equal(store.directory, folder);
  });
});
