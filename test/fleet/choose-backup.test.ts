import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { chooseBackup } from "../../lib/fleet/choose-backup.ts";
import { BackupError } from "../../lib/model/failure.ts";
import { describeFailure } from "../../lib/report/describe-failure.ts";
import type { GoodBackup, StoreEntry } from "../../lib/store/backup-entry.ts";
import type { Store } from "../../lib/store/store.ts";
import { buildManifest } from "../support/build-stored-vm.ts";

const stored = (day: number, state?: "good" | "damaged"): StoreEntry => {
  const manifest = buildManifest({ startedAt: `2026-11-2${day}T00:00:00.000Z` });
  const folderName = `2026-11-2${day}-000000`;
  const verification = state && { state, verifiedAt: "2026-11-29T03:00:00.000Z" };
  return { kind: "good", folderName, manifest, verification } as GoodBackup;
};

const now = new Date("2026-11-25T00:00:00Z");

/** The folder that is chosen, or the sentence that says why none is. */
async function choose(entries: readonly StoreEntry[], when?: string): Promise<string> {
  const store = { directory: "/s", listBackups: async () => entries } as unknown as Store;
  try {
    return (await chooseBackup(store, { host: "kvm1", vm: "web", when }, now)).folderName;
  } catch (error) {
    assert.ok(error instanceof BackupError, String(error));
    return describeFailure(error.reason);
  }
}

describe("chooseBackup()", () => {
  it("takes the newest, or the one that is named", async () => {
    const entries = [stored(1), stored(3, "good"), stored(2)];
    assert.equal(await choose(entries), "2026-11-23-000000");
    assert.equal(await choose(entries, "2026-11-21-000000"), "2026-11-21-000000");
  });

  it("does not take a newest that was found damaged, and names the newest that was not", async () => {
    assert.equal(
      await choose([stored(1), stored(2), stored(3, "damaged"), stored(4, "damaged")]),
      'Cannot restore "kvm1/web": its newest backup, "2026-11-24-000000", was found damaged on 2026-11-29. ' +
        'The newest that was not is "kvm1/web@2026-11-22-000000"; to try that one all the same, name it: "kvm1/web@2026-11-24-000000"',
    );
    assert.match(await choose([stored(1, "damaged")]), /, and so was every other one; to try that one/);
  });

  it("does not take for the newest what was made in time to come, but for what clocks may differ", async () => {
    assert.equal(
      await choose([stored(1), stored(2), stored(6)]),
      'Cannot tell the newest backup of "kvm1/web": by its clock "2026-11-26-000000" was made in time to come, and here it is 2026-11-25T00:00 UTC; ' +
        'set the clock, or name the one that is meant: "kvm1/web@2026-11-22-000000" is the newest of the others',
    );
    assert.equal(await choose([stored(1), stored(6)], "2026-11-26-000000"), "2026-11-26-000000");
    assert.equal(await choose([stored(1), stored(5)]), "2026-11-25-000000");
    assert.match(await choose([stored(6)]), /name the one that is meant: "kvm1\/web@2026-11-26-000000"$/);
  });

  it("offers no damaged one in place of what was made in time to come", async () => {
    assert.match(
      await choose([stored(1), stored(2, "damaged"), stored(6)]),
      /: "kvm1\/web@2026-11-21-000000" is the newest of the others$/,
    );
  });

  it("takes a damaged one that is named", async () => {
    assert.equal(await choose([stored(1, "damaged")], "2026-11-21-000000"), "2026-11-21-000000");
  });
});
