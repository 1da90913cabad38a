import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rename, rm, symlink, truncate, unlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import type { BrokenReason, StoreEntry } from "../../lib/store/backup-entry.ts";
import type { Store } from "../../lib/store/store.ts";
import { openStore } from "../../lib/store/store.ts";
import { publishSample, temporaryFolder } from "./sample-backup.ts";

const run = promisify(execFile);

describe("listBackups()", () => {
  const folder = temporaryFolder();
  const emptyStore = async (): Promise<Store> => openStore(await mkdtemp(path.join(folder, "s")));

  /** What a listing says of a backup after this was done to it; a second, untouched one must stay good. */
  const damaged = async (damage: (backup: string) => Promise<unknown>): Promise<StoreEntry> => {
    const store = await emptyStore();
    const { path: backup } = await publishSample(store);
    await publishSample(store, { startedAt: "2026-11-24T00:00:00.000Z" });
    await damage(backup);
    const [entry, other, ...more] = await store.listBackups();
    assert.equal(other?.kind, "good");
    assert.deepEqual(more, []);
    return entry!;
  };
  const brokenBy = async (damage: (backup: string) => Promise<unknown>): Promise<BrokenReason> => {
    const entry = await damaged(damage);
    assert.ok(entry.kind === "broken", JSON.stringify(entry));
    return entry.reason;
  };
  const alterManifest = async (backup: string, alter: (text: string) => string): Promise<void> => {
    const file = path.join(backup, "manifest.json");
    await writeFile(file, alter(await readFile(file, "utf8")));
  };

  it("says what is wrong with a file", async () => {
    const disk = (backup: string): string => path.join(backup, "vda.qcow2");
    assert.deepEqual(await brokenBy((backup) => unlink(disk(backup))), {
      kind: "file-missing",
      fileName: "vda.qcow2",
    });
    assert.deepEqual(await brokenBy((backup) => truncate(disk(backup), 5)), {
      kind: "file-length",
      fileName: "vda.qcow2",
      bytes: 5,
      expectedBytes: 10_009,
    });
    const replacements: readonly ((place: string) => Promise<unknown>)[] = [
      (place) => symlink("vdb.raw", place),
      (place) => symlink("/etc/passwd", place),
      (place) => mkdir(place),
      (place) => run("mkfifo", [place]),
    ];
    for (const replace of replacements) {
      const reason = await brokenBy(async (backup) => {
        await unlink(disk(backup));
        await replace(disk(backup));
      });
      assert.deepEqual(reason, { kind: "file-not-regular", fileName: "vda.qcow2" });
    }
  });

  it("follows no link on the way to a file", async () => {
    const reason = await brokenBy(async (backup) => {
      await rename(path.join(backup, "snapshots"), path.join(folder, "moved"));
      await symlink(path.join(folder, "moved"), path.join(backup, "snapshots"));
    });
    assert.deepEqual(reason, { kind: "file-not-regular", fileName: "snapshots/base.xml" });
  });

  it("says what is wrong with a manifest", async () => {
    const manifest = (backup: string): string => path.join(backup, "manifest.json");
    assert.deepEqual(await brokenBy((backup) => unlink(manifest(backup))), { kind: "manifest-missing" });
    assert.deepEqual(
      await brokenBy((backup) =>
        alterManifest(backup, (text) => text.replace(`"version": 1`, `"version": 9`)),
      ),
      { kind: "manifest-newer", version: 9 },
    );
    assert.equal((await brokenBy((backup) => truncate(manifest(backup), 100))).kind, "manifest-invalid");
    assert.deepEqual(await brokenBy((backup) => truncate(manifest(backup), 8 * 1024 ** 2 + 1)), {
      kind: "manifest-unreadable",
      detail: "longer than 8388608 bytes",
    });
    assert.deepEqual(
      await brokenBy((backup) => writeFile(manifest(backup), Buffer.from([0x7b, 0xff, 0x7d]))),
      {
        kind: "manifest-unreadable",
        detail: "not UTF-8",
      },
    );
  });

  it("neither follows a manifest that is a link nor waits for one that is a pipe", async () => {
    for (const [replace, detail] of [
      [(place: string) => symlink("/dev/zero", place), "symbolic link"],
      [(place: string) => run("mkfifo", [place]), "not a regular file"],
      [(place: string) => mkdir(place), "not a regular file"],
    ] as const) {
      const reason = await brokenBy(async (backup) => {
        await unlink(path.join(backup, "manifest.json"));
        await replace(path.join(backup, "manifest.json"));
      });
      assert.deepEqual(reason, { kind: "manifest-unreadable", detail });
    }
  });

  it("follows no manifest out of its folder", async () => {
    for (const name of ["../../../../etc/passwd", "/etc/passwd", "a\\\\..\\\\b", "snapshots/../../x"]) {
      const reason = await brokenBy((backup) =>
        alterManifest(backup, (text) => text.replace("vda.qcow2", name)),
      );
      assert.equal(reason.kind, "manifest-invalid");
    }
  });

  it("believes no length but the file system's", async () => {
    const reason = await brokenBy((backup) =>
      alterManifest(backup, (text) => text.replace(": 10009", ": 9007199254740991")),
    );
    assert.equal(reason.kind, "file-length");
  });

  it("does not take a backup for one of another place", async () => {
    const store = await emptyStore();
    const { path: backup } = await publishSample(store);
    const moves = [
      ["kvm1/web/2026-11-25-000000", { kind: "misplaced", part: "time", expected: "2026-11-23-012500" }],
      ["kvm1/other/2026-11-23-012500", { kind: "misplaced", part: "vm", expected: "web" }],
      ["kvm2/web/2026-11-23-012500", { kind: "misplaced", part: "host", expected: "kvm1" }],
    ] as const;
    let from = backup;
    for (const [place, reason] of moves) {
      const to = path.join(store.directory, place);
      await mkdir(path.dirname(to), { recursive: true });
      await rename(from, to);
      from = to;
      const [entry, ...others] = await store.listBackups();
      assert.deepEqual(others, []);
      assert.ok(entry?.kind === "broken");
      assert.deepEqual(entry.reason, reason);
    }
  });

  it("notices files that were written to after publishing, as by a VM that runs on them", async () => {
    const entry = await damaged(async (backup) => {
      const disk = path.join(backup, "vda.qcow2");
      await new Promise((resolve) => setTimeout(resolve, 20));
      await writeFile(disk, (await readFile(disk)).fill("x"));
    });
    assert.ok(entry.kind === "good");
    assert.deepEqual(entry.touchedFiles, ["vda.qcow2"]);
  });

  it("reports what is not ours, follows none of it, and passes over what is hidden or a file", async () => {
    const store = await emptyStore();
    await publishSample(store);
    const at = (...parts: string[]): string => path.join(store.directory, ...parts);
    await symlink("/etc", at("linked-host"));
    await symlink("/etc", at("kvm1", "linked-vm"));
    await symlink("2026-11-23-012500", at("kvm1", "web", "2026-11-24-000000"));
    await symlink("/etc", at("kvm1", "web", ".partial-abc"));
    await mkdir(at("kvm1", "web", "2026-11-23-012500-keep"));
    await mkdir(at("lost+found"));
    await mkdir(at(".snapshots", "web", "2026-11-23-012500"), { recursive: true });
    await writeFile(at("README"), "");
    await writeFile(at("kvm1", "web", "2026-11-25-000000"), "");
    const entries = await store.listBackups();
    const found = entries.map((entry) => [
      path.relative(store.directory, entry.path),
      entry.kind === "foreign" ? entry.what : entry.kind,
    ]);
    assert.deepEqual(found.sort(), [
      ["kvm1/linked-vm", "symbolic-link"],
      ["kvm1/web/.partial-abc", "symbolic-link"],
      ["kvm1/web/2026-11-23-012500", "good"],
      ["kvm1/web/2026-11-23-012500-keep", "unknown-name"],
      ["kvm1/web/2026-11-24-000000", "symbolic-link"],
      ["linked-host", "symbolic-link"],
    ]);
  });

  it("shows an empty folder with a backup's name as broken", async () => {
    const store = await emptyStore();
    await mkdir(path.join(store.directory, "kvm1", "a%2Fb", "2026-11-23-012500"), { recursive: true });
    const [entry] = await store.listBackups();
    assert.ok(entry?.kind === "broken" && entry.reason.kind === "manifest-missing");
    assert.equal(entry.vm, "a/b");
  });

  it("looks only at the host or VM it is asked for", async () => {
    const store = await emptyStore();
    for (const host of ["kvm1", "kvm2"])
      for (const vm of ["web", "db"]) await publishSample(store, { host, vm });
    const names = (entries: readonly StoreEntry[]): readonly string[] =>
      entries.map(({ host, vm }) => `${host}/${vm}`);
    assert.deepEqual(names(await store.listBackups()), ["kvm1/db", "kvm1/web", "kvm2/db", "kvm2/web"]);
    assert.deepEqual(names(await store.listBackups("kvm2")), ["kvm2/db", "kvm2/web"]);
    assert.deepEqual(names(await store.listBackups("kvm2", "web")), ["kvm2/web"]);
    assert.deepEqual(await store.listBackups("kvm"), []);
    await rm(path.join(store.directory, "kvm2"), { recursive: true });
    assert.deepEqual(await store.listBackups("kvm2"), []);
  });
});
