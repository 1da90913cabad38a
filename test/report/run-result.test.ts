import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { TimedEvent } from "../../lib/model/event.ts";
import { statusAfter, type FleetStatus } from "../../lib/report/fleet-status.ts";
import { jsonEvent } from "../../lib/report/json-event.ts";
import { runResult, unfinishedRun } from "../../lib/report/run-result.ts";
import { parseRunReport } from "../../lib/report/run-result-schema.ts";
import { awkward, goodOutcome, outcomes, sampleEvents } from "./sample-events.ts";

const startedAt = new Date("2026-11-23T01:25:00.000Z");
const after = (seconds: number): Date => new Date(startedAt.getTime() + seconds * 1000);
const fold = (...events: readonly TimedEvent[]): FleetStatus => statusAfter(events);
const host = (name: string) => ({ name, destination: `root@${name}`, uri: "qemu:///system" });
const asked = [
  { host: host("kvm1"), target: "root@kvm1", vms: undefined },
  { host: host("kvm2"), target: "root@kvm2", vms: [{ text: "db", sharedTarget: undefined }] },
];
const facts = { startedAt, now: after(60), store: "/s", asked, exitCode: 3 };

describe("runResult()", () => {
  it("has every VM that was chosen, also one whose turn never came, and hosts that failed", () => {
    const kvm1 = { host: "kvm1", at: after(1) };
    const web = { ...kvm1, kind: "vm", vm: awkward } as const;
    const reason = { kind: "connection-lost", host: "kvm2", detail: "reset" } as const;
    const status = fold(
      { ...kvm1, kind: "vms-chosen", vms: [awkward, "later"] },
      { kind: "host-failed", host: "kvm2", reason, at: after(1) },
      { ...web, event: { kind: "vm-started" } },
      { ...web, event: { kind: "copy-finished", target: "vda", bytes: 7, sentBytes: 4, seconds: 1 } },
      { ...web, event: { kind: "copy-finished", target: "vdb", bytes: 1, sentBytes: 2, seconds: 1 } },
      { ...web, at: after(31), event: { kind: "vm-finished", outcome: goodOutcome } },
    );
    const result = runResult(status, facts);
    const empty = { host: "kvm1", degradedBy: [], leftOnHost: [] };
    const { kind: _, ...good } = goodOutcome;
    assert.deepEqual(result.vms, [
      {
        ...empty,
        ...good,
        vm: awkward,
        copiedBytes: 8,
        sentBytes: 6,
        endedAt: after(31).toISOString(),
        result: "ok",
      },
      { ...empty, vm: "later", copiedBytes: 0, sentBytes: 0, result: "not-reached" },
    ]);
    const sentence = 'Lost the connection to host "kvm2": reset. Check the network and run the backup again';
    assert.deepEqual(result.hosts, [
      { host: "kvm1", target: "root@kvm1", isSurveyed: true },
      {
        ...{ host: "kvm2", target: "root@kvm2", isSurveyed: false, vms: ["db"] },
        failure: { ...reason, sentence },
      },
    ]);
    assert.equal(result.seconds, 60);
    assert.equal(result.exitCode, 3);
  });

  it("says for each way that a backup ends which it was, and how long it took", () => {
    const words = outcomes.map((outcome) => {
      const vm = { kind: "vm", host: "kvm1", vm: "web" } as const;
      const status = fold(
        { ...vm, at: after(1), event: { kind: "vm-started" } },
        { ...vm, at: after(4), event: { kind: "vm-finished", outcome } },
      );
      const [one] = runResult(status, facts).vms;
      return [one?.result, one?.seconds];
    });
    assert.deepEqual(words, [
      ["ok", 12],
      ["degraded", 12],
      ["failed", 3],
      ["bug", 3],
      ["bug", 3],
      ["interrupted", 3],
    ]);
  });

  it("says what still lies on the host of a VM that was refused because of it", () => {
    const left = [{ action: "fold-overlay", detail: "vda: no room" }];
    const stuck = {
      kind: "guard-stuck",
      host: "kvm1",
      vm: "web",
      backupId: "x",
      left,
      command: "y",
    } as const;
    const status = fold({ kind: "vm-refused", host: "kvm1", vm: "web", reason: stuck, at: after(1) });
    const [one] = runResult(status, facts).vms;
    assert.equal(one?.result, "refused");
    assert.deepEqual(one.leftOnHost, left);
  });

  it("says of a VM that runs on an overlay which its guard cannot fold that it does, also in its event", () => {
    const stays = [{ target: "vdz", path: "/images/odd name.virtfold-x.qcow2" }];
    const reason = { kind: "snapshot-incomplete", vm: "web", targets: ["vdz"], stays } as const;
    const outcome = { kind: "failed", reason, leftOnHost: [] } as const;
    const event = { kind: "vm-finished", outcome } as const;
    const at = after(1);
    const status = fold({ kind: "vm", host: "kvm1", vm: "web", event, at });
    const [one] = runResult(status, facts).vms;
    assert.deepEqual(
      one?.leftOnHost.map(({ action, detail }) => [action, detail.includes(stays[0]?.path ?? "?")]),
      [["fold-overlay", true]],
    );
    const line = jsonEvent({ kind: "vm", host: "kvm1", vm: "web", event, at });
    assert.deepEqual((line["outcome"] as typeof outcome).leftOnHost, one?.leftOnHost);
  });
});

describe("parseRunReport()", () => {
  it("reads what was written, of a run that ended and of one that was cut short", () => {
    const status = statusAfter(sampleEvents);
    for (const report of [runResult(status, facts), unfinishedRun(status, facts)]) {
      const text = JSON.stringify(report);
      assert.deepEqual(parseRunReport(text), JSON.parse(text));
    }
  });

  it("takes nothing else", () => {
    const newer = JSON.stringify({ ...runResult(statusAfter([]), facts), version: 2 });
    for (const text of ["", "{", "[]", "null", "{}", newer])
      assert.equal(parseRunReport(text), undefined, text);
  });
});
