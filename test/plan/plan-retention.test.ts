import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RetentionPlan } from "../../lib/plan/plan-retention.ts";
import { planRetention } from "../../lib/plan/plan-retention.ts";
import type { GoodBackup, StoreEntry } from "../../lib/store/backup-entry.ts";
import { sampleUuid } from "../store/sample-backup.ts";
import type { SampleOptions } from "../store/sample-backup.ts";
import { sampleEntry } from "../store/sample-entry.ts";

const otherUuid = "99999999-1111-4222-8333-444444444444";
const degradedBy = [{ kind: "disk-skipped", target: "vdc" }];

/** A backup of day 1 to 30, named by it: "d07". */
const day = (
  number: number,
  options: SampleOptions & { touchedFiles?: readonly string[] } = {},
): GoodBackup => {
  const text = String(number).padStart(2, "0");
  return sampleEntry({ startedAt: `2026-11-${text}T01:00:00.000Z`, backupId: `d${text}`, ...options });
};

const kept = (plan: RetentionPlan): readonly string[] =>
  plan.keep.map(({ entry, reason }) => `${entry.manifest.backupId} ${reason.kind}`);
const removed = (plan: RetentionPlan): readonly string[] =>
  plan.remove.map(({ entry }) => entry.manifest.backupId);
const retain = (
  entries: readonly StoreEntry[],
  options: { maxBackups: number; justPublished?: string },
): RetentionPlan =>
  planRetention(entries, { vmUuid: sampleUuid, now: new Date("2026-12-31T00:00:00.000Z"), ...options });

describe("planRetention()", () => {
  it("keeps the newest and says why each one stays or goes", () => {
    const plan = retain([day(2), day(4), day(1), day(3)], { maxBackups: 2, justPublished: "d04" });
    assert.deepEqual(kept(plan), ["d04 just-published", "d03 within-limit"]);
    assert.deepEqual(plan.keep[1]?.reason, { kind: "within-limit", position: 2, limit: 2 });
    assert.deepEqual(
      plan.remove.map(({ entry, reason }) => [entry.manifest.backupId, reason]),
      [
        ["d02", { kind: "beyond-limit", position: 3, limit: 2 }],
        ["d01", { kind: "beyond-limit", position: 4, limit: 2 }],
      ],
    );
  });

  it("removes nothing up to the limit", () => {
    assert.deepEqual(removed(retain([], { maxBackups: 1 })), []);
    assert.deepEqual(removed(retain([day(1), day(2), day(3)], { maxBackups: 3 })), []);
    assert.deepEqual(removed(retain([day(1), day(2), day(3)], { maxBackups: 6 })), []);
  });

  it("goes by the manifest's moment to the millisecond, then by the backup's id", () => {
    const at = (moment: string, backupId: string): GoodBackup => sampleEntry({ startedAt: moment, backupId });
    const same = "2026-11-23T01:25:00.500Z";
    const plan = retain([at(same, "b"), at("2026-11-23T01:25:00.400Z", "z"), at(same, "c"), at(same, "a")], {
      maxBackups: 2,
    });
    assert.deepEqual(kept(plan), ["c newest", "b within-limit"]);
    assert.deepEqual(removed(plan), ["a", "z"]);
  });

  it("neither counts nor removes what is broken, partial, being deleted or foreign", () => {
    const place = { host: "kvm1", vm: "web", path: "/store/kvm1/web/x" };
    const others: readonly StoreEntry[] = [
      { kind: "broken", ...place, folderName: "2026-11-30-000000", reason: { kind: "manifest-missing" } },
      { kind: "partial", ...place, backupId: "p" },
      { kind: "deleting", ...place, folderName: "2026-11-29-000000", backupId: "x" },
      { kind: "foreign", ...place, what: "unknown-name" },
    ];
    const plan = retain([...others, day(1), day(2), day(3)], { maxBackups: 2 });
    assert.deepEqual(kept(plan), ["d03 newest", "d02 within-limit"]);
    assert.deepEqual(removed(plan), ["d01"]);
    assert.deepEqual(
      plan.ignored.map(({ reason }) => reason.kind),
      ["not-good", "not-good", "not-good", "not-good"],
    );
  });

  it("neither counts nor removes what its last verification found damaged, be it the newest", () => {
    const damaged = (entry: GoodBackup): GoodBackup => ({
      ...entry,
      verification: {
        ...{ version: 1, backupId: entry.manifest.backupId, verifiedAt: "2026-11-30T00:00:00.000Z" },
        ...{ state: "damaged", damages: [], bytes: 1, seconds: 1 },
        ...{ tool: { name: "virtfold", version: "0" }, machine: "jump" },
      },
    });
    const plan = retain([day(1), day(2), damaged(day(3))], { maxBackups: 1 });
    assert.deepEqual(kept(plan), ["d02 newest"]);
    assert.deepEqual(removed(plan), ["d01"]);
    assert.deepEqual(
      plan.ignored.map(({ reason }) => reason.kind),
      ["damaged"],
    );
  });

  it("knows a VM by its UUID, never by its name", () => {
    const plan = retain(
      [
        day(1, { vm: "renamed" }),
        day(2),
        day(3, { uuid: otherUuid }),
        day(4, { uuid: sampleUuid.toUpperCase() }),
      ],
      { maxBackups: 1 },
    );
    assert.deepEqual(kept(plan), ["d04 newest"]);
    assert.deepEqual(removed(plan), ["d02", "d01"]);
    assert.deepEqual(
      plan.ignored.map(({ entry, reason }) => [(entry as GoodBackup).manifest.backupId, reason.kind]),
      [["d03", "other-vm"]],
    );
  });

  it("lets the backups of two hosts with one UUID not push each other out", () => {
    const plan = retain([day(1, { host: "kvm1" }), day(2, { host: "kvm2" }), day(3, { host: "kvm2" })], {
      maxBackups: 1,
    });
    assert.deepEqual(kept(plan), ["d01 newest", "d03 newest"]);
    assert.deepEqual(removed(plan), ["d02"]);
  });

  it("never removes the one just published, though the clock was set back", () => {
    const plan = retain([day(20), day(21), day(22), day(1)], { maxBackups: 2, justPublished: "d01" });
    assert.deepEqual(kept(plan), ["d22 newest", "d01 just-published"]);
    assert.deepEqual(removed(plan), ["d21", "d20"]);
    const one = retain([day(20), day(1)], { maxBackups: 1, justPublished: "d01" });
    assert.deepEqual(kept(one), ["d20 newest", "d01 just-published"]);
  });

  it("counts degraded backups, but never lets them push out the last whole one", () => {
    const entries = [day(1), day(2), day(3, { degradedBy }), day(4, { degradedBy }), day(5, { degradedBy })];
    assert.deepEqual(kept(retain(entries, { maxBackups: 2 })), ["d05 newest", "d02 newest-whole"]);
    assert.deepEqual(removed(retain(entries, { maxBackups: 2 })), ["d04", "d03", "d01"]);
    assert.deepEqual(kept(retain(entries, { maxBackups: 1 })), ["d05 newest", "d02 newest-whole"]);
    assert.deepEqual(kept(retain(entries, { maxBackups: 4 })).length, 4);
    const never = [1, 2, 3].map((number) => day(number, { degradedBy }));
    assert.deepEqual(kept(retain(never, { maxBackups: 1 })), ["d03 newest"]);
  });

  it("leaves a backup alone that was written to since", () => {
    const plan = retain([day(1, { touchedFiles: ["vda.qcow2"] }), day(2), day(3)], { maxBackups: 1 });
    assert.deepEqual(removed(plan), ["d02"]);
    assert.deepEqual(
      plan.ignored.map(({ reason }) => reason),
      [{ kind: "touched", files: ["vda.qcow2"] }],
    );
  });

  it("refuses a limit that would keep nothing", () => {
    for (const maxBackups of [0, -1, 1.5, NaN, Infinity]) {
      assert.throws(() => retain([day(1)], { maxBackups }), RangeError);
    }
  });

  it("loses no entry and keeps its promises, whatever is in the store", () => {
    const pick = (count: number): number => Math.floor(Math.random() * count);
    for (let round = 0; round < 500; round += 1) {
      const entries = Array.from({ length: pick(12) }, (_, index) =>
        day(1 + pick(28), {
          backupId: `b${index}`,
          host: `kvm${pick(2)}`,
          uuid: pick(4) === 0 ? otherUuid : sampleUuid,
          ...(pick(3) === 0 ? { degradedBy } : {}),
          ...(pick(5) === 0 ? { touchedFiles: ["vda.qcow2"] } : {}),
        }),
      );
      const maxBackups = 1 + pick(5);
      const plan = retain(entries, { maxBackups, justPublished: `b${pick(12)}` });
      checkPromises(plan, { entries, maxBackups });
    }
  });
});

function checkPromises(
  plan: RetentionPlan,
  given: { entries: readonly GoodBackup[]; maxBackups: number },
): void {
  const all = [...plan.keep, ...plan.remove, ...plan.ignored].map(({ entry }) => entry);
  assert.equal(all.length, given.entries.length);
  assert.deepEqual(new Set(all), new Set(given.entries));
  for (const { entry } of plan.remove) {
    assert.equal(entry.manifest.vm.uuid, sampleUuid);
    assert.deepEqual(entry.touchedFiles, []);
    const stays = plan.keep
      .filter((other) => other.entry.host === entry.host)
      .map((other) => other.entry.manifest);
    assert.ok(stays.length >= given.maxBackups);
    if (entry.manifest.degradedBy.length === 0)
      assert.ok(stays.some(({ degradedBy: by }) => by.length === 0));
  }
}
