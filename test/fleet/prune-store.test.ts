import assert from "node:assert/strict";
import { mkdtemp, readdir } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { pruneStore, type PruneOptions } from "../../lib/fleet/prune-store.ts";
import { claimBackup } from "../../lib/store/claim-backup.ts";
import { openStore, type Store } from "../../lib/store/store.ts";
import { publishSample, temporaryFolder } from "../store/sample-backup.ts";

const days = [20, 21, 22, 23, 24];

describe("pruneStore()", () => {
  const folder = temporaryFolder();
  const filledStore = async (): Promise<Store> => {
    const store = await openStore(await mkdtemp(path.join(folder, "s")));
    for (const day of days)
      await publishSample(store, { startedAt: `2026-11-${day}T00:00:00.000Z`, backupId: `d${day}` });
    return store;
  };
  const prune = async (store: Store, options: Partial<PruneOptions> = {}): Promise<readonly string[]> => {
    const said: string[] = [];
    await pruneStore(store, await store.listBackups(), {
      policyFor: () => ({ maxBackups: 2, keep: undefined }),
      now: new Date("2026-11-30T00:00:00.000Z"),
      isDryRun: false,
      signal: new AbortController().signal,
      onPruned: ({ when, fate }) => void said.push(`${when.slice(8, 10)} ${fate}`),
      ...options,
    });
    return said.sort();
  };
  const left = async (store: Store): Promise<readonly string[]> =>
    (await readdir(path.join(store.directory, "kvm1/web")))
      .filter((name) => /^2026/.test(name))
      .map((name) => name.slice(8, 10))
      .toSorted();

  it("removes what the policy does without, and only says so in a dry run", async () => {
    const store = await filledStore();
    const dry = await prune(store, { isDryRun: true });
    assert.deepEqual(dry, ["20 would-remove", "21 would-remove", "22 would-remove", "23 kept", "24 kept"]);
    assert.equal((await left(store)).length, 5);
    await prune(store);
    assert.deepEqual(await left(store), ["23", "24"]);
  });

  it("goes by the rules where there are any", async () => {
    const store = await filledStore();
    await prune(store, { policyFor: () => ({ maxBackups: 1, keep: { weekly: 2 } }) });
    // 22 November 2026 is a Sunday.
    assert.deepEqual(await left(store), ["22", "24"]);
  });

  it("leaves what is being read, and goes on with the others", async () => {
    const store = await filledStore();
    const home = path.join(store.directory, "kvm1/web");
    const reader = { kind: "reading", user: "root", now: new Date() } as const;
    const claim = await claimBackup(home, "2026-11-20-000000", reader);
    assert.ok((await prune(store)).includes("20 in-use"));
    assert.deepEqual(await left(store), ["20", "23", "24"]);
    claim.release();
    await prune(store);
    assert.deepEqual(await left(store), ["23", "24"]);
  });

  it("removes nothing where nobody said how many to keep, and nothing that begins after now", async () => {
    const store = await filledStore();
    assert.deepEqual(
      new Set((await prune(store, { policyFor: () => undefined })).map((line) => line.slice(3))),
      new Set(["ignored"]),
    );
    const said = await prune(store, { now: new Date("2026-11-21T12:00:00.000Z") });
    assert.deepEqual(said, ["20 kept", "21 kept", "22 ignored", "23 ignored", "24 ignored"]);
    assert.equal((await left(store)).length, 5);
  });
});
