import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KeepRules } from "../../lib/model/retention.ts";
import { keepByPeriods } from "../../lib/plan/keep-by-periods.ts";
import type { GoodBackup } from "../../lib/store/backup-entry.ts";
import { sampleEntry } from "../store/sample-entry.ts";

const at = (moment: string, isDegraded = false): GoodBackup =>
  sampleEntry({
    startedAt: `${moment}:00.000Z`,
    backupId: moment.replaceAll(/[:T]/g, "-"),
    ...(isDegraded ? { degradedBy: [{ kind: "tpm-state" }] } : {}),
  });

const kept = (backups: readonly GoodBackup[], rules: KeepRules): readonly string[] =>
  [...keepByPeriods(backups, rules)].map(
    ([{ manifest }, why]) =>
      `${manifest.startedAt.slice(0, 16)} ${why.map(({ rule, period }) => (rule === "last" ? rule : `${rule} ${period}`)).join(", ")}`,
  );

describe("keepByPeriods()", () => {
  const newestFirst = [
    "2026-12-31T23:59",
    "2026-12-31T23:00",
    "2026-12-30T01:00",
    "2026-11-30T01:00",
    "2024-01-01T00:00",
  ];
  const backups = newestFirst.map((moment) => at(moment));

  it("keeps the newest of each period that has one, however long ago", () => {
    assert.deepEqual(kept(backups, { daily: 3 }), [
      "2026-12-31T23:59 daily 2026-12-31",
      "2026-12-30T01:00 daily 2026-12-30",
      "2026-11-30T01:00 daily 2026-11-30",
    ]);
    assert.deepEqual(kept(backups, { yearly: 5 }), [
      "2026-12-31T23:59 yearly 2026",
      "2024-01-01T00:00 yearly 2024",
    ]);
    assert.deepEqual(kept(backups, { hourly: 1, monthly: 2, last: 2 }), [
      "2026-12-31T23:59 last, hourly 2026-12-31T23, monthly 2026-12",
      "2026-12-31T23:00 last",
      "2026-11-30T01:00 monthly 2026-11",
    ]);
    assert.deepEqual(kept(backups, {}), []);
  });

  it("counts weeks from Monday, and gives them to the year of their Thursday", () => {
    const weeks = ["2027-01-03T23:59", "2026-12-28T00:00", "2026-12-27T23:59", "2021-01-03T00:00"].map(
      (moment) => at(moment),
    );
    assert.deepEqual(kept(weeks, { weekly: 9 }), [
      "2027-01-03T23:59 weekly 2026-W53",
      "2026-12-27T23:59 weekly 2026-W52",
      "2021-01-03T00:00 weekly 2020-W53",
    ]);
  });

  it("keeps a whole one of a period before a degraded one", () => {
    const day = [at("2026-12-31T12:00", true), at("2026-12-31T06:00"), at("2026-12-30T06:00", true)];
    assert.deepEqual(kept(day, { daily: 2 }), [
      "2026-12-31T06:00 daily 2026-12-31",
      "2026-12-30T06:00 daily 2026-12-30",
    ]);
  });
});
