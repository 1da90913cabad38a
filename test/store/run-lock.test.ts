import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { access, mkdir, mkdtemp, readdir, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { formatLockNote, parseLockNote } from "../../lib/store/lock-note.ts";
import { describeOwner, type Owner } from "../../lib/store/owner.ts";
import { findRunLock, takeRunLock, type RunLock } from "../../lib/store/run-lock.ts";
import { openStore } from "../../lib/store/store.ts";
import { reasonOf } from "./reason-of.ts";
import { publishSample, temporaryFolder } from "./sample-backup.ts";

const since = "2026-11-23T01:25:00.000Z";
const who = { user: "me", now: new Date(since) };

describe("takeRunLock()", () => {
  const folder = temporaryFolder();
  const newStore = (): Promise<string> => mkdtemp(path.join(folder, "s"));
  const lockOf = (store: string): string => path.join(store, ".virtfold", "lock");
  /** Puts a lock in place that says this of its holder. */
  async function hold(store: string, text: string): Promise<void> {
    await mkdir(lockOf(store), { recursive: true });
    await writeFile(path.join(lockOf(store), "abc.json"), text);
  }
  const noteOf = async (change: Partial<Owner>): Promise<string> =>
    formatLockNote({ owner: { ...(await describeOwner()), ...change }, user: "me", since });

  it("gives the lock to one, and to the next one when it is given up", async () => {
    const store = await newStore();
    const lock = await takeRunLock(store, who);
    assert.deepEqual(await reasonOf(takeRunLock(store, who)), {
      kind: "store-held",
      store,
      lock: lockOf(store),
      state: "alive",
      holder: { user: "me", machine: (await describeOwner()).hostname, pid: process.pid },
      since,
    });
    lock.release();
    assert.deepEqual(await readdir(path.join(store, ".virtfold")), []);
    const next = await takeRunLock(store, who);
    lock.release();
    assert.equal((await reasonOf(takeRunLock(store, who))).kind, "store-held");
    next.release();
  });

  it("gives it to exactly one of many, also when all find a dead holder", async () => {
    for (const isDead of [false, true]) {
      const store = await newStore();
      if (isDead) await hold(store, await noteOf({ pid: spawnSync("true").pid }));
      const results = await Promise.allSettled(Array.from({ length: 20 }, () => takeRunLock(store, who)));
      const locks = results.flatMap((result): RunLock[] =>
        result.status === "fulfilled" ? [result.value] : [],
      );
      assert.equal(locks.length, 1);
      assert.deepEqual(await readdir(path.join(store, ".virtfold")), ["lock"]);
      assert.equal((await readdir(lockOf(store))).length, 1);
      locks[0]?.release();
    }
  });

  it("takes it over from a process that is gone, and from another boot of this machine", async () => {
    const changes: Partial<Owner>[] = [{ pid: spawnSync("true").pid }, { startTicks: "1" }];
    if ((await describeOwner()).machineId !== undefined)
      changes.push({ bootId: "00000000-0000-4000-8000-000000000000" });
    for (const change of changes) {
      const store = await newStore();
      await hold(store, await noteOf(change));
      (await takeRunLock(store, who)).release();
    }
  });

  it("refuses whenever the holder's death cannot be proved, however old the lock is", async () => {
    const texts = [
      await noteOf({ hostname: "elsewhere" }),
      await noteOf({ pidNamespace: "pid:[1]", pid: 999_999 }),
      "",
      "{",
      "{}",
    ];
    for (const text of texts) {
      const store = await newStore();
      await hold(store, text);
      const reason = await reasonOf(takeRunLock(store, who));
      assert.ok(reason.kind === "store-held" && reason.state === "unknown", text);
      assert.deepEqual(await readdir(lockOf(store)), ["abc.json"]);
    }
  });

  it("takes over an empty lock: whoever left it had given it up", async () => {
    const store = await newStore();
    await mkdir(lockOf(store), { recursive: true });
    (await takeRunLock(store, who)).release();
  });

  it("follows no link and removes nothing that is not its own", async () => {
    const store = await newStore();
    const outside = await newStore();
    await symlink(outside, path.join(store, ".virtfold"));
    assert.equal((await reasonOf(takeRunLock(store, who))).kind, "store-entry-bad");
    assert.deepEqual(await readdir(outside), []);
    const other = await newStore();
    await mkdir(path.join(other, ".virtfold"));
    await symlink(outside, lockOf(other));
    assert.equal((await reasonOf(takeRunLock(other, who))).kind, "store-entry-bad");
    await access(lockOf(other));
  });

  it("removes what a process left that died while it made its lock", async () => {
    const store = await newStore();
    const made = path.join(store, ".virtfold", "lock-new-abc");
    await mkdir(made, { recursive: true });
    await writeFile(path.join(made, "abc.json"), await noteOf({ pid: spawnSync("true").pid }));
    (await takeRunLock(store, who)).release();
    assert.deepEqual(await readdir(path.join(store, ".virtfold")), []);
  });

  it("is seen with its holder, whether that lives or not, and nothing is changed by looking", async () => {
    const store = await newStore();
    assert.equal(await findRunLock(store), undefined);
    assert.deepEqual(await readdir(store), []);
    const lock = await takeRunLock(store, who);
    const machine = (await describeOwner()).hostname;
    assert.deepEqual(await findRunLock(store), {
      ...{ path: lockOf(store), state: "alive", since },
      holder: { user: "me", machine, pid: process.pid },
    });
    lock.release();
    const { pid } = spawnSync("true");
    for (const [text, state] of [[await noteOf({ pid }), "dead"] as const, ["{}", "unknown"] as const]) {
      await hold(store, text);
      assert.equal((await findRunLock(store))?.state, state);
      assert.deepEqual(await readdir(lockOf(store)), ["abc.json"]);
    }
  });

  it("is nothing that a list or a sweep sees", async () => {
    const store = await openStore(await newStore());
    const lock = await takeRunLock(store.directory, who);
    await publishSample(store, { host: ".virtfold", vm: "lock" });
    assert.equal((await store.listBackups()).length, 1);
    assert.equal((await store.listBackups(".virtfold")).length, 1);
    assert.deepEqual(await store.sweepLeftovers(), { removed: [], kept: [] });
    assert.equal((await stat(path.join(store.directory, ".virtfold"))).mode & 0o777, 0o700);
    lock.release();
  });
});

describe("parseLockNote()", () => {
  it("reads what formatLockNote() wrote, whatever the user is called", async () => {
    for (const user of ["root", `Ümläut "it's"`, ""]) {
      const note = { owner: await describeOwner(), user, since };
      assert.deepEqual(parseLockNote(formatLockNote(note)), note);
    }
  });

  it("does without facts that are none", () => {
    const note = parseLockNote(`{"hostname":"h","pid":3,"user":7,"since":"${"x".repeat(300)}"}`);
    assert.deepEqual([note?.user, note?.since], ["unknown", "unknown"]);
  });
});
