import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { appendFile, lstat, mkdir, mkdtemp, readdir, rm, symlink, unlink, writeFile } from "node:fs/promises";
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
  sampleDraft,
  temporaryFolder,
  writeSampleFiles,
} from "./sample-backup.ts";

const run = promisify(execFile);

describe("publish() of what is not as it should be", () => {
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
  /** Publishing must be refused, and leave nothing in the store that anybody could take for a backup. */
  const refusal = async ({ store, draft, partial }: Begun): Promise<string> => {
    const reason = await reasonOf(partial.publish(draft, { now: later }));
    assert.deepEqual(await goodBackups(store), []);
    assert.ok(reason.kind === "store-entry-bad", JSON.stringify(reason));
    return reason.detail;
  };

  it("refuses a file that is missing", async () => {
    const begun = await begin();
    await unlink(begun.partial.path("vdb.raw"));
    assert.equal(await refusal(begun), "missing");
  });

  it("refuses a file that nobody named", async () => {
    const begun = await begin();
    await mkdir(begun.partial.path("nvram/more"));
    await writeFile(path.join(begun.partial.directory, "nvram", "more", ".vda.part"), "");
    assert.equal(await refusal(begun), "not part of this backup");
  });

  it("refuses links, pipes and deep folders", async () => {
    const plants: readonly ((partial: PartialBackup) => Promise<unknown>)[] = [
      async ({ directory }) => symlink("/etc/passwd", path.join(directory, "stray")),
      async (partial) => {
        await unlink(partial.path("vdb.raw"));
        await symlink("vda.qcow2", partial.path("vdb.raw"));
      },
      async (partial) => {
        await rm(path.join(partial.directory, "snapshots"), { recursive: true });
        await symlink("/etc", path.join(partial.directory, "snapshots"));
      },
      async ({ directory }) => run("mkfifo", [path.join(directory, "pipe")]),
      async ({ directory }) => {
        await mkdir(path.join(directory, "a/b/c/d/e/f"), { recursive: true });
        await writeFile(path.join(directory, "a/b/c/d/e/f/g"), "");
      },
    ];
    for (const plant of plants) {
      const begun = await begin();
      await plant(begun.partial);
      assert.match(await refusal(begun), /in a backup|nested too deep/);
    }
  });

  it("refuses a file that is still being written to", async () => {
    const { store, draft, partial } = await begin();
    const disk = partial.path("vda.qcow2");
    const onProgress = ({ fileName }: { fileName: string }): void => {
      if (fileName === "vda.qcow2") void appendFile(disk, "more");
    };
    await writeFile(disk, Buffer.alloc(16 * 1024 * 1024));
    const reason = await reasonOf(partial.publish(draft, { now: later, onProgress }));
    assert.ok(reason.kind === "store-entry-bad" && reason.detail === "changed while it was read");
    assert.deepEqual(await goodBackups(store), []);
  });

  it("never replaces an empty folder, a file or a link that has the name", async () => {
    const plants: readonly ((place: string) => Promise<unknown>)[] = [
      async (place) => mkdir(place),
      async (place) => writeFile(place, "theirs"),
      async (place) => symlink("nowhere", place),
      async (place) => symlink("/etc", place),
    ];
    for (const plant of plants) {
      const { draft, partial } = await begin();
      await plant(partial.finalPath);
      const before = await lstat(partial.finalPath);
      assert.deepEqual(await reasonOf(partial.publish(draft, { now: later })), {
        kind: "store-conflict",
        path: partial.finalPath,
      });
      assert.equal((await lstat(partial.finalPath)).ino, before.ino);
      await partial.discard();
    }
  });

  it("follows no link that was planted in the store", async () => {
    const outside = await mkdtemp(path.join(folder, "outside"));
    for (const level of ["kvm1", "kvm1/web"]) {
      const store = await emptyStore();
      await mkdir(path.dirname(path.join(store.directory, level)), { recursive: true });
      await symlink(outside, path.join(store.directory, level));
      const reason = await reasonOf(store.beginBackup(identityOf(sampleDraft())));
      assert.ok(
        reason.kind === "store-entry-bad" && reason.detail.includes("symbolic link"),
        JSON.stringify(reason),
      );
    }
    assert.deepEqual(await readdir(outside), []);
  });

  it("writes no text through a link", async () => {
    const { partial } = await begin();
    const victim = path.join(folder, "victim");
    await symlink(victim, partial.path("extra.xml"));
    assert.equal((await reasonOf(partial.writeText("extra.xml", "x"))).kind, "store-conflict");
    await assert.rejects(lstat(victim), { code: "ENOENT" });
  });

  it("refuses a draft that no manifest can hold before it reads a byte", async () => {
    const { draft, partial } = await begin();
    const bad = { ...draft, newName: "x".repeat(5000) };
    const onProgress = (): void => assert.fail("It read files");
    assert.equal((await reasonOf(partial.publish(bad, { now: later, onProgress }))).kind, "store-entry-bad");
  });

  it("takes a draft for another backup for the bug it is", async () => {
    const { partial } = await begin();
    await assert.rejects(partial.publish(sampleDraft({ vm: "other" }), { now: later }), { name: "Error" });
  });
});
