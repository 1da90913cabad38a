import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  chmod,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  truncate,
  unlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import type { BackupDraft } from "../../lib/store/draft.ts";
import type { PartialBackup } from "../../lib/store/partial-backup.ts";
import type { Store } from "../../lib/store/store.ts";
import { openStore } from "../../lib/store/store.ts";
import { reasonOf } from "./reason-of.ts";
import {
  goodBackups,
  identityOf,
  later,
  publishSample,
  sampleDraft,
  temporaryFolder,
  writeSampleFiles,
} from "./sample-backup.ts";

const run = promisify(execFile);

describe("publish()", () => {
  const folder = temporaryFolder();
  const emptyStore = async (): Promise<Store> => openStore(await mkdtemp(path.join(folder, "s")));

  interface Begun {
    readonly store: Store;
    readonly draft: BackupDraft;
    readonly partial: PartialBackup;
  }
  const begin = async (draft = sampleDraft()): Promise<Begun> => {
    const store = await emptyStore();
    const partial = await store.beginBackup(identityOf(draft));
    await writeSampleFiles(partial, draft);
    return { store, draft, partial };
  };
  it("leaves a folder that sha256sum accepts as a whole", async () => {
    const { path: backup } = await publishSample(await emptyStore(), {
      vm: "Käse & <Brot>",
      snapshots: ["ä", "b'c"],
    });
    const { stdout } = await run("sha256sum", ["--strict", "-c", "SHA256SUMS"], { cwd: backup });
    const checked = stdout
      .trim()
      .split("\n")
      .map((line) => line.replace(/: OK$/, ""));
    const present = await readdir(backup, { recursive: true, withFileTypes: true });
    const files = present
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name));
    const expected = files.map((file) => path.relative(backup, file)).filter((file) => file !== "SHA256SUMS");
    assert.deepEqual(checked.sort(), expected.sort());
    assert.ok(checked.includes("manifest.json") && checked.includes("backup.log"));
  });

  it("keeps files private and lets others pass through folders, not look", async () => {
    const { store, draft, partial } = await begin();
    await chmod(partial.path("vda.qcow2"), 0o666);
    await chmod(partial.path("snapshots"), 0o777);
    const published = await partial.publish(draft, { now: later });
    for (const entry of await readdir(published.path, { recursive: true, withFileTypes: true })) {
      const { mode } = await lstat(path.join(entry.parentPath, entry.name));
      assert.equal(mode & 0o7777, entry.isDirectory() ? 0o711 : 0o600, entry.name);
    }
    for (const parent of [published.path, path.dirname(published.path), path.join(store.directory, "kvm1")]) {
      assert.equal((await lstat(parent)).mode & 0o7777, 0o711);
    }
  });

  it("records lengths, space and checksums of what is there", async () => {
    const { draft, partial } = await begin();
    await truncate(partial.path("vdb.raw"), 20 * 1024 * 1024); // the rest is a hole
    const before = await partial.checksum("vdb.raw", new AbortController().signal);
    const { manifest, storedBytes } = await partial.publish(draft, { now: later });
    const layer = manifest.disks[1]?.layers[0];
    assert.equal(layer?.bytes, 20 * 1024 * 1024);
    assert.ok(layer.allocatedBytes < 1024 * 1024, `${layer.allocatedBytes}`);
    assert.ok(storedBytes < 2 * 1024 * 1024);
    const { stdout } = await run("sha256sum", [path.join(partial.finalPath, "vdb.raw")]);
    assert.deepEqual([layer.sha256, before], [stdout.slice(0, 64), stdout.slice(0, 64)]);
    assert.equal(manifest.finishedAt, later().toISOString());
  });

  it("removes folders that stayed empty, and the partial folder", async () => {
    const store = await emptyStore();
    const draft = { ...sampleDraft({ snapshots: [] }), bootFiles: [] };
    const partial = await store.beginBackup(identityOf(draft));
    await writeSampleFiles(partial, draft);
    await partial.publish(draft, { now: later });
    const names = await readdir(partial.finalPath);
    assert.ok(
      !names.some((name) => ["snapshots", "nvram", "boot", "owner.json"].includes(name)),
      String(names),
    );
    assert.deepEqual((await readdir(path.dirname(partial.finalPath))).sort(), [
      "2026-11-23-012500",
      "latest",
    ]);
  });

  it("lets latest lead to the backup just published", async () => {
    const store = await emptyStore();
    for (const startedAt of [
      "2026-11-23T00:00:00.000Z",
      "2026-11-24T00:00:00.000Z",
      "2026-11-22T00:00:00.000Z",
    ]) {
      const published = await publishSample(store, { startedAt });
      assert.equal(published.latestProblem, undefined);
      assert.equal(
        await readlink(path.join(store.directory, "kvm1", "web", "latest")),
        path.basename(published.path),
      );
    }
  });

  it("publishes also where latest cannot be, and leaves what is there alone", async () => {
    const store = await emptyStore();
    const latest = path.join(store.directory, "kvm1", "web", "latest");
    await mkdir(latest, { recursive: true });
    await writeFile(path.join(latest, "theirs"), "");
    const published = await publishSample(store);
    assert.equal(published.latestProblem, "occupied");
    assert.equal((await goodBackups(store)).length, 1);
    assert.deepEqual(await readdir(latest), ["theirs"]);
  });

  it("touches no file that it shares with an earlier backup", async () => {
    const store = await emptyStore();
    const first = await publishSample(store, { startedAt: "2026-11-22T00:00:00.000Z" });
    const draft = sampleDraft();
    const partial = await store.beginBackup(identityOf(draft));
    await writeSampleFiles(partial, draft);
    await unlink(partial.path("vdb.raw"));
    await link(path.join(first.path, "vdb.raw"), partial.path("vdb.raw"));
    const before = await lstat(path.join(first.path, "vdb.raw"));
    await partial.publish(draft, { now: later });
    const after = await lstat(path.join(first.path, "vdb.raw"));
    assert.deepEqual([after.mtimeMs, after.mode], [before.mtimeMs, before.mode]);
    assert.deepEqual(
      (await goodBackups(store)).flatMap(({ touchedFiles }) => touchedFiles),
      [],
    );
  });

  it("takes a file from a clock that is ahead for what it is", async () => {
    const { store, draft, partial } = await begin();
    const ahead = new Date(Date.now() + 86_400_000);
    await utimes(partial.path("vda.qcow2"), ahead, ahead);
    await partial.publish(draft, { now: later });
    assert.deepEqual((await goodBackups(store))[0]?.touchedFiles, []);
  });

  it("never touches an earlier good backup when it fails", async () => {
    const store = await emptyStore();
    const first = await publishSample(store, { startedAt: "2026-11-22T00:00:00.000Z" });
    const draft = sampleDraft();
    const partial = await store.beginBackup(identityOf(draft));
    await reasonOf(partial.publish(draft, { now: later }));
    await partial.discard();
    await run("sha256sum", ["--strict", "-c", "SHA256SUMS"], { cwd: first.path });
    assert.equal((await goodBackups(store)).length, 1);
    assert.match(
      await readFile(path.join(store.directory, "kvm1/web/latest/manifest.json"), "utf8"),
      /backupId/,
    );
  });
});
