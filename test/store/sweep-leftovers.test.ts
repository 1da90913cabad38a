import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { access, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { describe, it } from "node:test";
import type { Owner } from "../../lib/store/owner.ts";
import { describeOwner, formatOwner } from "../../lib/store/owner.ts";
import type { Store } from "../../lib/store/store.ts";
import { openStore } from "../../lib/store/store.ts";
import { goodBackups, publishSample, temporaryFolder } from "./sample-backup.ts";

/** A process id that was ours and is free again. */
function deadPid(): number {
  return spawnSync("true").pid;
}

describe("sweepLeftovers()", () => {
  const folder = temporaryFolder();
  const storeWithOne = async (): Promise<{ store: Store; home: string }> => {
    const store = await openStore(await mkdtemp(path.join(folder, "s")));
    await publishSample(store);
    return { store, home: path.join(store.directory, "kvm1", "web") };
  };
  /** What a sweep does with a partial folder that has this owner's note: "removed" or why it was kept. */
  const fateOf = async (note: string | undefined): Promise<string> => {
    const { store, home } = await storeWithOne();
    const partial = path.join(home, ".partial-abc");
    await mkdir(path.join(partial, "backup"), { recursive: true });
    await writeFile(path.join(partial, "backup", "vda.qcow2"), "data");
    if (note !== undefined) await writeFile(path.join(partial, "owner.json"), note);
    const report = await store.sweepLeftovers("kvm1", "web");
    assert.equal((await goodBackups(store)).length, 1);
    const isThere = (await readdir(home)).includes(".partial-abc");
    assert.equal(isThere, report.removed.length === 0);
    return report.kept[0]?.reason ?? "removed";
  };
  const fate = async (change: Partial<Owner>): Promise<string> =>
    fateOf(formatOwner({ ...(await describeOwner()), ...change }));

  it("removes a partial backup whose process is gone", async () => {
    assert.equal(await fate({ pid: deadPid() }), "removed");
  });

  it("removes it when another process has the number now", async () => {
    assert.equal(await fate({ startTicks: "1" }), "removed");
    assert.equal(await fate({ pid: 1, startTicks: "123456789" }), "removed");
  });

  it("removes it when this machine was started anew since", async () => {
    const { machineId } = await describeOwner();
    const change = { bootId: "00000000-0000-4000-8000-000000000000" };
    assert.equal(await fate(change), machineId === undefined ? "unknown-owner" : "removed");
  });

  it("keeps it while its process lives", async () => {
    assert.equal(await fate({}), "in-use");
  });

  it("keeps it whenever that cannot be proved", async () => {
    const pid = deadPid();
    const doubts: readonly Partial<Owner>[] = [
      { hostname: `${hostname()}-other` },
      { machineId: "0".repeat(32) },
      { bootId: undefined },
      { bootId: "00000000-0000-4000-8000-000000000000", machineId: undefined },
      { pidNamespace: "pid:[1]" },
      { pidNamespace: undefined },
      { startTicks: undefined },
    ];
    for (const doubt of doubts)
      assert.equal(await fate({ pid, ...doubt }), "unknown-owner", JSON.stringify(doubt));
  });

  it("keeps it when the owner's note is missing or no such note", async () => {
    const notes = [
      undefined,
      "",
      "null",
      "{}",
      "[]",
      `{"hostname":"${hostname()}","pid":"1"}`,
      `{"hostname":"${hostname()}","pid":-1}`,
      `{"hostname":"${hostname()}","pid":1e99}`,
      "x".repeat(20_000),
    ];
    for (const note of notes) assert.equal(await fateOf(note), "unknown-owner", note?.slice(0, 50));
  });

  it("follows no link out of a partial folder, and takes no link for one", async () => {
    const { store, home } = await storeWithOne();
    const outside = await mkdtemp(path.join(folder, "outside"));
    const note = formatOwner({ ...(await describeOwner()), pid: deadPid() });
    await writeFile(path.join(outside, "owner.json"), note);
    await symlink(outside, path.join(home, ".partial-linked"));
    await mkdir(path.join(home, ".partial-abc"));
    await writeFile(path.join(home, ".partial-abc", "owner.json"), note);
    await symlink(outside, path.join(home, ".partial-abc", "backup"));
    await mkdir(path.join(home, ".partial-def"));
    await symlink(path.join(outside, "owner.json"), path.join(home, ".partial-def", "owner.json"));
    const report = await store.sweepLeftovers();
    assert.deepEqual(report.removed, [path.join(home, ".partial-abc")]);
    assert.deepEqual(report.kept, [{ path: path.join(home, ".partial-def"), reason: "unknown-owner" }]);
    await access(path.join(outside, "owner.json"));
  });

  it("finishes a removal that was cut short", async () => {
    const { store, home } = await storeWithOne();
    const second = await publishSample(store, { startedAt: "2026-11-24T00:00:00.000Z" });
    const doomed = path.join(home, `.deleting-2026-11-24-000000-${second.manifest.backupId}`);
    await rename(second.path, doomed);
    await rm(path.join(doomed, "vda.qcow2"));
    await rm(path.join(doomed, "snapshots"), { recursive: true });
    await mkdir(path.join(home, ".deleting-2026-11-20-000000-empty"));
    const report = await store.sweepLeftovers();
    assert.equal(report.removed.length, 2);
    assert.deepEqual(report.kept, []);
    assert.deepEqual((await readdir(home)).sort(), ["2026-11-23-012500", "latest"]);
    await access(path.join(home, "latest", "manifest.json"));
  });

  it("only tells of it in a dry run", async () => {
    const { store, home } = await storeWithOne();
    const second = await publishSample(store, { startedAt: "2026-11-24T00:00:00.000Z" });
    await rename(second.path, path.join(home, `.deleting-2026-11-24-000000-${second.manifest.backupId}`));
    await mkdir(path.join(home, ".partial-abc"));
    const note = formatOwner({ ...(await describeOwner()), pid: deadPid() });
    await writeFile(path.join(home, ".partial-abc", "owner.json"), note);
    await mkdir(path.join(home, ".partial-def"));
    const before = (await readdir(home, { recursive: true })).sort();
    const foreseen = await store.sweepLeftovers(undefined, undefined, { isDryRun: true });
    assert.deepEqual((await readdir(home, { recursive: true })).sort(), before);
    assert.equal(foreseen.removed.length, 2);
    assert.deepEqual(await store.sweepLeftovers(), foreseen);
  });

  it("keeps a folder that only looks like a removal of ours", async () => {
    const { store, home } = await storeWithOne();
    const [backup] = await goodBackups(store);
    const impostor = path.join(home, ".deleting-2026-11-23-012500-another");
    await rename(backup!.path, impostor);
    const foreign = path.join(home, ".deleting-2026-11-22-000000-foreign");
    await mkdir(foreign);
    await writeFile(path.join(foreign, "precious"), "");
    const report = await store.sweepLeftovers();
    assert.deepEqual(report.removed, []);
    assert.deepEqual(
      report.kept.map(({ reason }) => reason),
      ["not-ours", "not-ours"],
    );
    await access(path.join(impostor, "vda.qcow2"));
    await access(path.join(foreign, "precious"));
  });
});
