import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { BackupError } from "../../lib/model/failure.ts";
import type { RecoveryEvent } from "../../lib/model/recovery.ts";
import { recoverFailedLine, recoverFinishedLine, recoverJsonLine } from "../../lib/report/recover-json.ts";
import { recoverJsonSchema, recoverLine, recoverLineKinds } from "../../lib/report/recover-schema.ts";
import { emptyRecovery, recoveryStatus } from "../../lib/report/recovery-status.ts";
import { awkwardName as vm, guard, outcomes, recoveries, secret } from "./sample-recoveries.ts";

const at = new Date("2026-11-23T01:25:00.000Z");
const host = "kvm1";
const reason = { kind: "connection-lost", host, detail: "reset" } as const;
const overWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const isForProgram = (kind: string): boolean => ["held", "restore", "adopt"].includes(kind);

const events: readonly RecoveryEvent[] = [
  { kind: "survey-started", host },
  { kind: "host-surveyed", host, vms: 3 },
  { kind: "host-failed", host: "kvm2", reason },
  { kind: "vm-failed", host, vm, reason },
  { kind: "lease-awaited", host, vm, guard },
  { kind: "restore-started", host, vm: undefined, backupId: "x" },
  { kind: "overlay-folded", host, vm, target: "vda" },
  ...recoveries.flatMap((recovery) =>
    Object.values(outcomes)
      .filter(({ kind }) => isForProgram(recovery.kind) === (kind !== "needs-person"))
      .map((outcome): RecoveryEvent => ({ kind: "recovered", host, vm, recovery, outcome })),
  ),
  { kind: "host-finished", host },
  { kind: "store-failed", store: "/s", reason: { kind: "store-missing", store: "/s" } },
  {
    kind: "store-swept",
    store: "/s",
    folders: [
      { path: "/s/a", fate: "removed", detail: undefined },
      { path: "/s/b", fate: "failed", detail: "EROFS" },
    ],
  },
  { kind: "stopping", signal: "SIGINT" },
];
const end = { exitCode: 4, isDryRun: false, startedAt: at, at };
const lines = [
  ...events.map((event) => recoverJsonLine(event, at)),
  recoverFailedLine(new BackupError({ kind: "store-missing", store: "/s" }), at),
  recoverFinishedLine(events.reduce(recoveryStatus, emptyRecovery), end),
];

describe("recoverJsonLine()", () => {
  it("gives every kind the shape that the schema has, and no key that it has not", () => {
    for (const line of lines) {
      const read = recoverLine.safeParse(overWire(line));
      assert.deepEqual(read.data, overWire(line), `${line.kind}: ${read.error?.message ?? ""}`);
    }
    assert.deepEqual([...new Set(lines.map(({ kind }) => kind))].toSorted(), recoverLineKinds.toSorted());
  });

  it("is one line each, whatever names there are, with nothing of a definition", () => {
    for (const line of lines.map((one) => JSON.stringify(one))) {
      assert.doesNotMatch(line, /[\n\r]/);
      assert.ok(!line.includes(secret), line);
    }
  });

  it("says what was found, what became of it, and what a person is to do", () => {
    const recovery = recoveries.find(({ kind }) => kind === "restore")!;
    const line = recoverJsonLine({ kind: "recovered", host, vm, recovery, outcome: outcomes.left }, at);
    assert.equal(line["outcome"], "left");
    assert.equal(line["needsPerson"], true);
    assert.equal(line["command"], "sh /x/guard.sh restore");
    assert.match(String(line["advice"]), /Never delete an overlay/);
    const { kind, backupId } = Object(line["found"]) as Readonly<Record<string, unknown>>;
    assert.deepEqual([kind, backupId], ["restore", guard.backupId]);
  });
});

describe("recoverFinishedLine()", () => {
  it("counts what was found and put right, which is nothing in a dry run", () => {
    const outcome = outcomes.restored;
    const restored = { kind: "recovered", host, vm, recovery: recoveries[1]!, outcome } as const;
    const status = [restored, { kind: "host-finished", host } as const].reduce(
      (before, event) => recoveryStatus(before, event),
      emptyRecovery,
    );
    const counts = { found: 1, putRight: 1, needPerson: 0, finishedHosts: [host], failedHosts: [] };
    const {
      kind,
      version,
      at: _,
      startedAt,
      ...facts
    } = recoverFinishedLine(status, { ...end, exitCode: 0 });
    assert.deepEqual([kind, version, startedAt], ["recover-finished", 1, at.toISOString()]);
    assert.deepEqual(facts, { exitCode: 0, isDryRun: false, ...counts });
    assert.equal(recoverFinishedLine(status, { ...end, isDryRun: true })["putRight"], 0);
  });
});

describe("schema/recover-output.schema.json", () => {
  it("is what the lines' schema generates (else run test/report/regenerate-recover-schema.ts)", async () => {
    const text = await readFile(new URL("../../schema/recover-output.schema.json", import.meta.url), "utf8");
    assert.deepEqual(JSON.parse(text), overWire(recoverJsonSchema()));
  });
});
