import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { chooseToVerify, type ChooseOptions } from "../../lib/plan/choose-to-verify.ts";
import type { GoodBackup, StoreEntry } from "../../lib/store/backup-entry.ts";
import { sampleEntry } from "../store/sample-entry.ts";

const now = new Date("2026-11-30T00:00:00.000Z");

/** A backup of that day of November, verified on another one. */
const backup = (day: number, verifiedOn?: string): GoodBackup => ({
  ...sampleEntry({
    startedAt: `2026-11-${String(day).padStart(2, "0")}T01:00:00.000Z`,
    backupId: `d${day}`,
  }),
  verification:
    verifiedOn === undefined
      ? undefined
      : {
          ...{
            version: 1,
            backupId: `d${day}`,
            verifiedAt: `${verifiedOn}T00:00:00.000Z`,
            state: "good",
            damages: [],
          },
          ...{ bytes: 1, seconds: 1, tool: { name: "virtfold", version: "0" }, machine: "jump" },
        },
});

const chosen = (entries: readonly StoreEntry[], options: Partial<ChooseOptions> = {}): readonly string[] =>
  chooseToVerify(entries, { now, olderThanSeconds: undefined, samplePercent: undefined, ...options }).map(
    (entry) => (entry.kind === "good" ? entry.manifest.backupId : entry.kind),
  );

describe("chooseToVerify()", () => {
  const entries = [
    backup(1, "2026-11-20"),
    backup(2),
    backup(3, "2026-11-10"),
    backup(4),
    backup(5, "2026-11-29"),
  ];

  it("takes what was never verified first, then what was longest ago", () => {
    assert.deepEqual(chosen(entries), ["d4", "d2", "d3", "d1", "d5"]);
  });

  it("takes so many of a hundred, rounded up, and comes round to all", () => {
    assert.deepEqual(chosen(entries, { samplePercent: 40 }), ["d4", "d2"]);
    assert.deepEqual(chosen(entries, { samplePercent: 1 }), ["d4"]);
    assert.deepEqual(chosen([], { samplePercent: 50 }), []);
    assert.equal(chosen(entries, { samplePercent: 100 }).length, 5);
  });

  it("leaves what was verified of late", () => {
    const week = 7 * 86_400;
    assert.deepEqual(chosen(entries, { olderThanSeconds: week }), ["d4", "d2", "d3", "d1"]);
    assert.deepEqual(chosen(entries, { olderThanSeconds: week, samplePercent: 50 }), ["d4", "d2"]);
  });

  it("takes a verification that is still to come for none: a clock was wrong", () => {
    assert.deepEqual(chosen([backup(1, "2026-11-20"), backup(2, "2030-01-01")]), ["d2", "d1"]);
  });

  it("takes broken ones, and nothing that has no backup's name", () => {
    const place = { host: "kvm1", vm: "web", path: "/s/kvm1/web/x" };
    const others: readonly StoreEntry[] = [
      { kind: "partial", ...place, backupId: "p" },
      { kind: "deleting", ...place, folderName: "2026-11-23-012500", backupId: "p" },
      { kind: "foreign", ...place, what: "symbolic-link" },
      { kind: "broken", ...place, folderName: "2026-11-23-012500", reason: { kind: "manifest-missing" } },
    ];
    assert.deepEqual(chosen(others, { olderThanSeconds: 1e6 }), ["broken"]);
  });
});
