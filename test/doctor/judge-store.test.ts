import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { judgeStore, type OpenedStore } from "../../lib/doctor/judge-store.ts";
import type { StoreLock } from "../../lib/model/finding.ts";

const sound: OpenedStore = { freeBytes: 100, backups: 3, lock: undefined, leftovers: [], badEntries: [] };
const judged = (found: Parameters<typeof judgeStore>[0]["found"], neededBytes = 0): readonly string[] =>
  judgeStore({ directory: "/store", found, neededBytes }).map(
    ({ severity, finding, needsPerson }) => `${severity} ${finding.kind}${needsPerson ? " person" : ""}`,
  );
const lockOf = (state: StoreLock["state"]): OpenedStore => ({
  ...sound,
  lock: { path: "/store/.virtfold/lock", state, holder: undefined, since: undefined },
});

describe("judgeStore()", () => {
  it("finds nothing wrong with a sound store, and says when full copies would not fit", () => {
    assert.deepEqual(judged(sound, 100), ["ok store-open"]);
    assert.deepEqual(judged(sound, 101), ["ok store-open", "warning store-small"]);
  });

  it("finds a store that cannot be used", () => {
    assert.deepEqual(judged({ kind: "store-missing", store: "/store" }), ["problem failed"]);
  });

  it("asks a person about a lock only when nobody else can tell", () => {
    assert.deepEqual(judged(lockOf("alive")), ["ok store-open", "note store-lock"]);
    assert.deepEqual(judged(lockOf("dead")), ["ok store-open", "note store-lock"]);
    assert.deepEqual(judged(lockOf("unknown")), ["ok store-open", "problem store-lock person"]);
  });

  it("tells what will be swept from what somebody must look at", () => {
    const leftovers = (["dead", "in-use", "unknown-owner", "not-ours", "failed"] as const).map((fate) => ({
      ...{ path: "/x", fate },
    }));
    const badEntries = [{ path: "/y", isBackup: true }];
    assert.deepEqual(judged({ ...sound, leftovers, badEntries }), [
      ...["ok store-open", "note store-leftover", "note store-leftover"],
      ...["warning store-leftover person", "warning store-leftover person", "warning store-leftover person"],
      "warning store-entry",
    ]);
  });
});
