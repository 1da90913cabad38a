import assert from "node:assert/strict";
import { mkdtemp, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { claimBackup } from "../../lib/store/claim-backup.ts";
import { formatLockNote } from "../../lib/store/lock-note.ts";
import { describeOwner } from "../../lib/store/owner.ts";
import { openStore } from "../../lib/store/store.ts";
import { reasonOf } from "./reason-of.ts";
import { goodBackups, publishSample, temporaryFolder } from "./sample-backup.ts";

const reading = { kind: "reading", user: "root", now: new Date() } as const;
const removing = { ...reading, kind: "removing" } as const;
const name = "2026-11-23-012500";

describe("claimBackup()", () => {
  const folder = temporaryFolder();
  const home = (): Promise<string> => mkdtemp(path.join(folder, "vm"));
  const foreign = async (directory: string, kind: string, note: string): Promise<string> => {
    const file = path.join(directory, `.${kind}-${name}-0123456789abcdef.json`);
    await writeFile(file, note);
    return file;
  };
  const noteOf = async (changes: object): Promise<string> => {
    const owner = { ...(await describeOwner()), ...changes };
    return formatLockNote({ owner, user: "anna", since: "2026-11-23T00:00:00.000Z" });
  };

  it("lets many read at once, and nobody remove meanwhile", async () => {
    const vm = await home();
    const readers = [await claimBackup(vm, name, reading), await claimBackup(vm, name, reading)];
    const reason = await reasonOf(claimBackup(vm, name, removing));
    assert.ok(reason.kind === "backup-claimed" && reason.by === "reading" && reason.state === "alive");
    assert.equal(reason.holder?.pid, process.pid);
    // The other backups of the VM are not claimed.
    (await claimBackup(vm, "2026-11-24-012500", removing)).release();
    readers[0]!.release();
    readers[0]!.release();
    assert.equal((await reasonOf(claimBackup(vm, name, removing))).kind, "backup-claimed");
    readers[1]!.release();
    (await claimBackup(vm, name, removing)).release();
    assert.deepEqual(await readdir(vm), []);
  });

  it("lets one remove, and nobody read meanwhile", async () => {
    const vm = await home();
    const claim = await claimBackup(vm, name, removing);
    for (const options of [reading, removing]) {
      const reason = await reasonOf(claimBackup(vm, name, options));
      assert.ok(reason.kind === "backup-claimed" && reason.by === "removing");
    }
    claim.release();
    (await claimBackup(vm, name, reading)).release();
    assert.deepEqual(await readdir(vm), []);
  });

  it("passes over the dead, and takes their notes away", async () => {
    for (const changes of [{ startTicks: "1" }, { bootId: "00000000-0000-4000-8000-000000000000" }]) {
      const vm = await home();
      await foreign(
        vm,
        "reading",
        await noteOf({ machineId: (await describeOwner()).machineId, ...changes }),
      );
      const isKnown = (await describeOwner()).machineId !== undefined || "startTicks" in changes;
      if (!isKnown) continue;
      (await claimBackup(vm, name, removing)).release();
      assert.deepEqual(await readdir(vm), []);
    }
  });

  it("does not pass over one of another machine, or one that cannot be read", async () => {
    for (const note of [await noteOf({ hostname: "elsewhere" }), "", "x".repeat(100_000), "{}"]) {
      const vm = await home();
      const file = await foreign(vm, "reading", note);
      const reason = await reasonOf(claimBackup(vm, name, removing));
      assert.ok(reason.kind === "backup-claimed" && reason.state === "unknown" && reason.note === file);
      // Two who read do not disturb each other.
      (await claimBackup(vm, name, reading)).release();
      assert.deepEqual(await readdir(vm), [path.basename(file)]);
    }
  });

  it("lets at most one of a reader and a remover through when they come at once", async () => {
    const vm = await home();
    for (let round = 0; round < 20; round += 1) {
      const ends = await Promise.allSettled([
        claimBackup(vm, name, reading),
        claimBackup(vm, name, removing),
      ]);
      const claims = ends.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
      assert.ok(claims.length <= 1);
      for (const claim of claims) claim.release();
    }
    assert.deepEqual(await readdir(vm), []);
  });

  it("keeps a backup from being removed by the store, which leaves it whole", async () => {
    const store = await openStore(await mkdtemp(path.join(folder, "s")));
    await publishSample(store);
    const [backup] = await goodBackups(store);
    const claim = await claimBackup(path.dirname(backup!.path), backup!.folderName, reading);
    assert.equal((await reasonOf(store.removeBackup(backup!))).kind, "backup-claimed");
    assert.equal((await goodBackups(store)).length, 1);
    claim.release();
    await store.removeBackup(backup!);
    assert.deepEqual(await readdir(path.dirname(backup!.path)), []);
  });
});
