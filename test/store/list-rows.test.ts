import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { StoreEntry } from "../../lib/store/backup-entry.ts";
import { listRows } from "../../lib/store/list-rows.ts";
import { awkwardNames } from "./sample-backup.ts";
import { sampleEntry } from "./sample-entry.ts";

const place = { host: "kvm1", vm: "web", path: "/store/kvm1/web/x" };

describe("listRows()", () => {
  it("says what a good backup holds and costs", () => {
    const entry = sampleEntry();
    assert.deepEqual(listRows([entry]), [
      {
        host: "kvm1",
        vm: "web",
        path: entry.path,
        state: "good",
        startedAt: new Date("2026-11-23T01:25:00.000Z"),
        disks: 2,
        virtualBytes: 20 * 1024 ** 3,
        apparentBytes: 32_768,
        storedBytes: 3000,
        consistency: "crash",
        verified: undefined,
        drilled: undefined,
        problem: undefined,
      },
    ]);
  });

  it("tells degraded and touched backups from good ones", () => {
    const states = [
      sampleEntry({ degradedBy: [{ kind: "tpm-state" }] }),
      sampleEntry({ degradedBy: [{ kind: "tpm-state" }], touchedFiles: ["vda.qcow2"] }),
    ].map((entry) => listRows([entry])[0]?.state);
    assert.deepEqual(states, ["degraded", "touched"]);
  });

  it("has a row for everything else, with what is known", () => {
    const folderName = "2026-11-20-030405";
    const entries: readonly StoreEntry[] = [
      { kind: "broken", ...place, folderName, reason: { kind: "manifest-missing" } },
      { kind: "partial", ...place, backupId: "abc" },
      { kind: "deleting", ...place, folderName: "2026-99-99-999999", backupId: "abc" },
      { kind: "foreign", ...place, what: "symbolic-link" },
    ];
    const rows = entries.map((entry) => listRows([entry])[0]!);
    assert.deepEqual(
      rows.map(({ state, startedAt, problem, disks }) => [
        state,
        startedAt?.toISOString(),
        problem?.kind,
        disks,
      ]),
      [
        ["broken", "2026-11-20T03:04:05.000Z", "manifest-missing", undefined],
        ["partial", undefined, undefined, undefined],
        ["deleting", undefined, undefined, undefined],
        ["foreign", undefined, "symbolic-link", undefined],
      ],
    );
  });

  it("is in the order of host and VM, newest first, without a time last", () => {
    const entries: readonly StoreEntry[] = [
      { kind: "partial", ...place, backupId: "abc" },
      sampleEntry({ startedAt: "2026-11-01T00:00:00.000Z" }),
      sampleEntry({ host: "kvm2" }),
      sampleEntry({ startedAt: "2026-11-03T00:00:00.000Z" }),
      sampleEntry({ vm: "db" }),
    ];
    assert.deepEqual(
      listRows(entries).map(
        ({ host, vm, startedAt }) => `${host} ${vm} ${startedAt?.toISOString().slice(0, 10) ?? "-"}`,
      ),
      [
        "kvm1 db 2026-11-23",
        "kvm1 web 2026-11-03",
        "kvm1 web 2026-11-01",
        "kvm1 web -",
        "kvm2 web 2026-11-23",
      ],
    );
  });

  it("passes awkward names on as they are", () => {
    const rows = listRows(awkwardNames.map((vm) => sampleEntry({ vm, host: vm, snapshots: [] })));
    assert.deepEqual(new Set(rows.map(({ vm }) => vm)), new Set(awkwardNames));
  });
});
