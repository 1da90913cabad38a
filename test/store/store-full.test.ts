// The store is full at every step: nothing new is visible, nothing old is lost, and nothing stays behind.

import assert from "node:assert/strict";
import { mkdtemp, readdir } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { storeSteps } from "../../lib/store/store-context.ts";
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

describe("a store that is full", () => {
  const folder = temporaryFolder();
  /** A store with one backup, in which there is no space left from this step on. */
  const storeFullAt = async (fullAt: string): Promise<Store> => {
    const directory = await mkdtemp(path.join(folder, "s"));
    await publishSample(await openStore(directory), { startedAt: "2026-11-22T00:00:00.000Z" });
    return openStore(directory, {
      onStep: (step) => {
        if (step === fullAt) throw Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" });
      },
    });
  };
  const homeOf = (store: Store): string => path.join(store.directory, "kvm1", "web");
  const first = "2026-11-22-000000";

  const stepsBefore = (step: (typeof storeSteps)[number]): readonly string[] =>
    storeSteps.slice(0, storeSteps.indexOf(step));

  for (const step of stepsBefore("files-measured")) {
    it(`at "${step}" leaves no partial folder`, async () => {
      const store = await storeFullAt(step);
      assert.equal((await reasonOf(store.beginBackup(identityOf(sampleDraft())))).kind, "store-full");
      assert.deepEqual((await readdir(homeOf(store))).sort(), [first, "latest"]);
    });
  }

  for (const step of stepsBefore("renamed").slice(stepsBefore("files-measured").length)) {
    it(`at "${step}" publishes nothing, and leaves nothing after discard`, async () => {
      const store = await storeFullAt(step);
      const draft = sampleDraft();
      const partial = await store.beginBackup(identityOf(draft));
      await writeSampleFiles(partial, draft);
      assert.equal((await reasonOf(partial.publish(draft, { now: later }))).kind, "store-full");
      assert.deepEqual(
        (await goodBackups(store)).map(({ folderName }) => folderName),
        [first],
      );
      await partial.discard();
      assert.deepEqual((await readdir(homeOf(store))).sort(), [first, "latest"]);
    });
  }

  it("after the rename leaves the new backup whole, and discard does not touch it", async () => {
    const store = await storeFullAt("renamed");
    const draft = sampleDraft();
    const partial = await store.beginBackup(identityOf(draft));
    await writeSampleFiles(partial, draft);
    assert.equal((await reasonOf(partial.publish(draft, { now: later }))).kind, "store-full");
    await partial.discard();
    assert.equal((await goodBackups(store)).length, 2);
  });
});
