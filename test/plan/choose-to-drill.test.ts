import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { chooseToDrill } from "../../lib/plan/choose-to-drill.ts";
import type { GoodBackup } from "../../lib/store/backup-entry.ts";
import { sampleDrill } from "../store/sample-drill.ts";
import { sampleEntry } from "../store/sample-entry.ts";

const now = new Date("2026-11-30T00:00:00.000Z");

/** A backup of that day of November, of which a drill last ended well on another one. */
const backup = (vm: string, day: number, provedOn?: number): GoodBackup => {
  const backupId = `${vm}${day}`;
  const moment = (of: number): string => `2026-11-${String(of).padStart(2, "0")}T01:00:00.000Z`;
  const lastBootedAt = provedOn === undefined ? undefined : moment(provedOn);
  return {
    ...sampleEntry({ vm, startedAt: moment(day), backupId }),
    drill: provedOn === undefined ? undefined : sampleDrill({ backupId, lastBootedAt }),
  };
};

const chosen = (entries: readonly GoodBackup[], oldest?: number): readonly string[] =>
  chooseToDrill(entries, { now, oldest }).map(({ manifest }) => manifest.backupId);

describe("chooseToDrill()", () => {
  it("takes the newest backup of each VM", () => {
    assert.deepEqual(chosen([backup("web", 1), backup("web", 3), backup("db", 2), backup("web", 2)]), [
      "web3",
      "db2",
    ]);
  });

  it("takes the newest that is not known to be damaged, and none of a VM that has no other", () => {
    const damaged = (entry: GoodBackup): GoodBackup => ({
      ...entry,
      verification: {
        ...{ version: 1, backupId: entry.manifest.backupId, verifiedAt: "2026-11-29T00:00:00.000Z" },
        ...{ state: "damaged", damages: [], bytes: 1, seconds: 1 },
        ...{ tool: { name: "virtfold", version: "0" }, machine: "jump" },
      },
    });
    assert.deepEqual(chosen([backup("web", 1), damaged(backup("web", 3)), damaged(backup("db", 2))]), [
      "web1",
    ]);
  });

  it("does not take for the newest what a wrong clock made in time to come", () => {
    const entries = [backup("web", 1), backup("web", 30), backup("web", 2)];
    const dayBefore = new Date("2026-11-29T00:00:00.000Z");
    const taken = chooseToDrill(entries, { now: dayBefore, oldest: undefined });
    assert.deepEqual(
      taken.map(({ manifest }) => manifest.backupId),
      ["web2"],
    );
    assert.deepEqual(chosen(entries), ["web30"]);
  });

  it("takes with --oldest so many VMs of which no backup was proved, or longest ago", () => {
    const entries = [
      backup("recent", 5, 28),
      backup("old", 6),
      backup("old", 5, 10),
      backup("never", 5),
      backup("future", 5, 30),
      backup("older", 5, 9),
    ];
    assert.deepEqual(chosen(entries, 4), ["never5", "future5", "older5", "old6"]);
    assert.deepEqual(chosen(entries, 1), ["never5"]);
    assert.equal(chosen(entries, 99).length, 5);
  });
});
