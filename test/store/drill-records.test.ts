import assert from "node:assert/strict";
import { mkdtemp, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { listRows } from "../../lib/store/list-rows.ts";
import { listDocument } from "../../lib/store/list-document.ts";
import { formatDrillRecord } from "../../lib/store/drill-record.ts";
import { writeDrillRecord } from "../../lib/store/drill-records.ts";
import { drilledName } from "../../lib/store/layout.ts";
import { openStore, type Store } from "../../lib/store/store.ts";
import { goodBackups, publishSample, temporaryFolder } from "./sample-backup.ts";
import { sampleDrill } from "./sample-drill.ts";

describe("what a drill came to", () => {
  const folder = temporaryFolder();
  const drilledStore = async (): Promise<{ readonly store: Store; readonly home: string }> => {
    const store = await openStore(await mkdtemp(path.join(folder, "s")));
    await publishSample(store);
    const [backup] = await goodBackups(store);
    const { backupId } = backup!.manifest;
    await writeDrillRecord({ ...backup!, backupId }, sampleDrill({ backupId }));
    return { store, home: path.dirname(backup!.path) };
  };

  it("stands beside its backup, is listed, and goes with it", async () => {
    const { store, home } = await drilledStore();
    const entries = await goodBackups(store);
    const [row] = listDocument(listRows(entries), { store: store.directory, at: new Date() }).backups;
    assert.deepEqual(row!.drilled, { at: "2026-11-24T02:00:00.000Z", state: "booted", rtoSeconds: 41.5 });
    await store.removeBackup(entries[0]!);
    assert.deepEqual(await readdir(home), []);
  });

  it("counts for nothing when it is that of another backup, or nonsense", async () => {
    const { store, home } = await drilledStore();
    const [backup] = await goodBackups(store);
    const { backupId } = backup!.manifest;
    const file = path.join(home, drilledName(backup!.folderName, backupId));
    const others = [
      formatDrillRecord(sampleDrill({ backupId: "another" })),
      formatDrillRecord(sampleDrill({ backupId })).replace("booted", "flown"),
      formatDrillRecord(sampleDrill({ backupId })).replace("41.5", "-1"),
      "[".repeat(100_000),
      "",
    ];
    for (const text of others) {
      await writeFile(file, text);
      assert.equal((await goodBackups(store))[0]!.drill, undefined, text.slice(0, 100));
    }
  });
});
