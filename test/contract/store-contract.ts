// What every store does, whatever it is made of.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import type { Store } from "../../lib/store/store.ts";
import type { SealProgress } from "../../lib/store/seal-files.ts";
import { reasonOf } from "../store/reason-of.ts";
import {
  awkwardNames,
  goodBackups,
  identityOf,
  later,
  publishSample,
  sampleDraft,
  writeSampleFiles,
} from "../store/sample-backup.ts";

/** Runs the suite inside a `describe`; `openEmptyStore` gives a new, empty store each time. */
export function checkStoreContract(openEmptyStore: () => Promise<Store>): void {
  describe("keeps the contract of a store", () => {
    it("lists nothing at first", async () => {
      const store = await openEmptyStore();
      assert.deepEqual(await store.listBackups(), []);
      assert.deepEqual(await store.listBackups("kvm1", "web"), []);
      assert.ok((await store.freeBytes()) > 0);
    });

    it("lists what was published, as it was published", async () => {
      const store = await openEmptyStore();
      const published = await publishSample(store);
      const [entry, ...others] = await store.listBackups();
      assert.equal(others.length, 0);
      assert.ok(entry?.kind === "good");
      assert.equal(entry.path, published.path);
      assert.equal(entry.folderName, "2026-11-23-012500");
      assert.deepEqual([entry.host, entry.vm], ["kvm1", "web"]);
      assert.deepEqual(entry.manifest, JSON.parse(JSON.stringify(published.manifest)));
      assert.deepEqual(entry.touchedFiles, []);
      assert.ok(entry.storedBytes > 0);
    });

    it("shows no good backup before publish, and none after discard", async () => {
      const store = await openEmptyStore();
      const draft = sampleDraft();
      const partial = await store.beginBackup(identityOf(draft));
      await writeSampleFiles(partial, draft);
      const entries = await store.listBackups();
      assert.deepEqual(
        entries.map((entry) => (entry.kind === "partial" ? entry.backupId : entry)),
        [draft.backupId],
      );
      await partial.discard();
      await partial.discard();
      assert.deepEqual(await store.listBackups(), []);
    });

    it("keeps a published backup through discard", async () => {
      const store = await openEmptyStore();
      const draft = sampleDraft();
      const partial = await store.beginBackup(identityOf(draft));
      await writeSampleFiles(partial, draft);
      await partial.publish(draft, { now: later });
      await partial.discard();
      assert.equal((await goodBackups(store)).length, 1);
    });

    it("holds hosts and VMs with awkward names apart", { timeout: 60_000 }, async () => {
      const store = await openEmptyStore();
      for (const [index, vm] of awkwardNames.entries()) {
        await publishSample(store, { host: awkwardNames.at(-1 - index)!, vm, snapshots: [vm, `${vm}2`] });
      }
      assert.equal((await goodBackups(store)).length, awkwardNames.length);
      for (const [index, vm] of awkwardNames.entries()) {
        const host = awkwardNames.at(-1 - index)!;
        const [entry, ...others] = await store.listBackups(host, vm);
        assert.equal(others.length, 0);
        assert.ok(entry?.kind === "good", JSON.stringify(entry));
        assert.equal(entry.manifest.vm.name, vm);
        assert.ok(entry.path.startsWith(store.directory + path.sep));
      }
    });

    it("refuses a second backup of the same VM and second, and keeps the first", async () => {
      const store = await openEmptyStore();
      const drafts = [sampleDraft(), sampleDraft(), sampleDraft()];
      const [first, second] = [
        await store.beginBackup(identityOf(drafts[0]!)),
        await store.beginBackup(identityOf(drafts[1]!)),
      ];
      await writeSampleFiles(first, drafts[0]!);
      await writeSampleFiles(second, drafts[1]!);
      await first.publish(drafts[0]!, { now: later });
      assert.equal((await reasonOf(second.publish(drafts[1]!, { now: later }))).kind, "store-conflict");
      assert.equal((await reasonOf(store.beginBackup(identityOf(drafts[2]!)))).kind, "store-conflict");
      await second.discard();
      const entries = await store.listBackups();
      assert.deepEqual(
        entries.map((entry) => entry.kind === "good" && entry.manifest.backupId),
        [drafts[0]!.backupId],
      );
    });

    it("lets only one of many that publish at once have the name", async () => {
      const store = await openEmptyStore();
      const results = await Promise.allSettled(Array.from({ length: 8 }, () => publishSample(store)));
      assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
      assert.equal((await goodBackups(store)).length, 1);
    });

    it("gives no path outside the backup's folder", async () => {
      const store = await openEmptyStore();
      const partial = await store.beginBackup(identityOf(sampleDraft()));
      for (const fileName of [
        "../x",
        "/x",
        "a/b",
        "snapshots/../x",
        "snapshots/a/b",
        ".x",
        "",
        ".",
        "a\nb",
        "a\\b",
      ]) {
        assert.throws(() => partial.path(fileName), { name: "BackupError" }, fileName);
        assert.equal(
          (await reasonOf(Promise.resolve().then(() => partial.writeText(fileName, "")))).kind,
          "store-entry-bad",
        );
      }
      assert.equal(
        partial.path("snapshots/vor Update.xml"),
        path.join(partial.directory, "snapshots", "vor Update.xml"),
      );
      await partial.writeText("original.xml", "one");
      assert.equal((await reasonOf(partial.writeText("original.xml", "two"))).kind, "store-conflict");
      assert.equal(await readFile(partial.path("original.xml"), "utf8"), "one");
    });

    it("tells how far publishing is, in bytes of all files", async () => {
      const store = await openEmptyStore();
      const draft = sampleDraft();
      const partial = await store.beginBackup(identityOf(draft));
      await writeSampleFiles(partial, draft);
      const seen: SealProgress[] = [];
      await partial.publish(draft, { now: later, onProgress: (progress) => void seen.push(progress) });
      const { totalBytes } = seen[0]!;
      assert.ok(seen.every((progress, index) => index === 0 || progress.bytes > seen[index - 1]!.bytes));
      assert.equal(seen.at(-1)!.bytes, totalBytes);
    });

    it("stops publishing when told to, and shows nothing then", async () => {
      const store = await openEmptyStore();
      const draft = sampleDraft();
      const partial = await store.beginBackup(identityOf(draft));
      await writeSampleFiles(partial, draft);
      const stop = new AbortController();
      const publishing = partial.publish(draft, {
        now: later,
        signal: stop.signal,
        onProgress: () => stop.abort("SIGINT"),
      });
      assert.deepEqual(await reasonOf(publishing), { kind: "interrupted", signal: "SIGINT" });
      assert.deepEqual(await goodBackups(store), []);
      await partial.discard();
      assert.deepEqual(await store.listBackups(), []);
    });

    it("removes only what it listed, and nothing beside it", async () => {
      const store = await openEmptyStore();
      for (const day of [1, 2, 3]) await publishSample(store, { startedAt: `2026-11-0${day}T00:00:00.000Z` });
      const [first, second] = await goodBackups(store);
      await assert.rejects(store.removeBackup({ ...first! }), { name: "Error" });
      await store.removeBackup(second!);
      assert.equal((await reasonOf(store.removeBackup(second!))).kind, "store-entry-bad");
      assert.deepEqual(
        (await store.listBackups()).map((entry) => entry.kind === "good" && entry.folderName),
        ["2026-11-01-000000", "2026-11-03-000000"],
      );
    });

    it("sweeps nothing that is in use or good", async () => {
      const store = await openEmptyStore();
      await publishSample(store);
      const partial = await store.beginBackup(
        identityOf(sampleDraft({ startedAt: "2026-11-24T00:00:00.000Z" })),
      );
      const report = await store.sweepLeftovers();
      assert.deepEqual(report.removed, []);
      assert.deepEqual(
        report.kept.map(({ reason }) => reason),
        ["in-use"],
      );
      assert.equal((await goodBackups(store)).length, 1);
      await partial.discard();
    });
  });
}
