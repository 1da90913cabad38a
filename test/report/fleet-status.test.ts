import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exitCodes } from "../../lib/cli/exit-codes.ts";
import { runExitCode } from "../../lib/cli/run-exit-code.ts";
import type { Event, Outcome } from "../../lib/model/event.ts";
import type { FailureReason } from "../../lib/model/failure.ts";
import { followEvents, statusAfter, type FleetStatus } from "../../lib/report/fleet-status.ts";
import { summary } from "../../lib/report/summary.ts";

const good: Outcome = {
  kind: "backed-up",
  path: "/s/kvm1/web/x",
  consistency: "filesystem",
  storedBytes: 5 * 2 ** 20,
  secondsOnOverlay: 4.2,
  overlayPeakBytes: 3 * 2 ** 20,
  seconds: 12,
  degradedBy: [],
  leftOnHost: [],
};
const left = [{ action: "fold-overlay", detail: "vda: the block job does not pivot" }];
const failed: Outcome = {
  kind: "failed",
  reason: { kind: "connection-lost", host: "kvm1", detail: "reset" },
  leftOnHost: [],
};
const degraded: Outcome = { ...good, degradedBy: [{ kind: "tpm-state", why: "missing" }] };

const finished = (vm: string, outcome: Outcome): Event => ({
  kind: "vm",
  host: "kvm1",
  vm,
  event: { kind: "vm-finished", outcome },
});
const fold = (...events: readonly Event[]): FleetStatus => statusAfter(events);

describe("followEvents()", () => {
  it("follows a disk being copied", () => {
    const vm = { kind: "vm", host: "kvm1", vm: "web" } as const;
    const status = fold(
      { ...vm, event: { kind: "step-started", step: "copy-disks" } },
      { ...vm, event: { kind: "copy-started", target: "vda", from: "/a", to: "/b", totalBytes: 100 } },
      { ...vm, event: { kind: "copy-progress", target: "vda", bytes: 40, totalBytes: 100 } },
    );
    const [web] = status.vms.values();
    assert.deepEqual([web?.step, web?.item, web?.doneBytes, web?.totalBytes], ["copy-disks", "vda", 40, 100]);
  });

  it("touches one VM for an event about it, however many others there are", () => {
    const live = followEvents();
    const vms = Array.from({ length: 5000 }, (_, index) => `vm${index}`);
    live.take({ kind: "vms-chosen", host: "kvm1", vms });
    const before = live.status.vms;
    const others = [...before.values()].slice(1);
    live.take({ kind: "vm", host: "kvm1", vm: "vm0", event: { kind: "vm-started" } });
    // No new map, and nothing new in it but the one VM.
    assert.equal(live.status.vms, before);
    assert.ok([...before.values()].slice(1).every((vm, index) => vm === others[index]));
  });

  it("keeps VMs of the same name on two hosts apart", () => {
    const status = fold(finished("web", good), { ...finished("web", failed), host: "kvm2" } as Event);
    assert.equal(status.vms.size, 2);
  });
});

describe("runExitCode()", () => {
  const refused: Event = {
    kind: "vm-refused",
    host: "kvm1",
    vm: "x",
    reason: { kind: "store-missing", store: "/s" },
  };
  const hostFailed: Event = {
    kind: "host-failed",
    host: "kvm2",
    reason: { kind: "connection-lost", host: "kvm2", detail: "" },
  };
  const stuck: FailureReason = {
    ...{ kind: "guard-stuck", host: "kvm1", vm: "c", backupId: "20261123-012500-a1b2c3" },
    ...{ left, command: "sh /var/lib/virtfold/x/guard.sh restore" },
  };
  const onOddOverlay: FailureReason = {
    ...{ kind: "snapshot-incomplete", vm: "a", targets: ["vdz"] },
    stays: [{ target: "vdz", path: "/images/odd name.virtfold-x.qcow2" }],
  };
  const cases: Record<string, readonly [readonly Event[], number, boolean?]> = {
    "all well": [[finished("a", good)], exitCodes.ok],
    "one degraded": [[finished("a", good), finished("b", degraded)], exitCodes.degraded],
    "one failed beside a degraded one": [
      [finished("a", degraded), finished("b", failed)],
      exitCodes.someFailed,
    ],
    "one refused": [[finished("a", good), refused], exitCodes.someFailed],
    "a host that was not reached": [[finished("a", good), hostFailed], exitCodes.someFailed],
    "a host that needs a person, whatever else": [
      [finished("a", failed), finished("b", { ...good, leftOnHost: left })],
      exitCodes.hostNeedsPerson,
    ],
    "a host that needs a person, although there is a bug too": [
      [
        finished("a", { kind: "bug", error: new Error("x"), leftOnHost: [] }),
        finished("b", { kind: "bug", error: new Error("y"), leftOnHost: left }),
      ],
      exitCodes.hostNeedsPerson,
    ],
    "one refused because a host still needs a person": [
      [finished("a", good), { ...refused, reason: stuck }],
      exitCodes.hostNeedsPerson,
    ],
    "one that failed because a host still needs a person": [
      [finished("a", { kind: "failed", reason: stuck, leftOnHost: [] })],
      exitCodes.hostNeedsPerson,
    ],
    "one refused because it runs on an overlay that no guard can fold": [
      [
        {
          ...refused,
          reason: {
            ...{ kind: "vm-obstacle", host: "kvm1", vm: "x" },
            obstacle: { kind: "own-overlay", target: "vda", path: "/i/x.virtfold-y.qcow2", backupId: "y" },
          },
        },
      ],
      exitCodes.hostNeedsPerson,
    ],
    "one that runs on an overlay that its guard cannot fold": [
      [finished("a", { kind: "failed", reason: onOddOverlay, leftOnHost: [] })],
      exitCodes.hostNeedsPerson,
    ],
    "interrupted, hosts restored": [
      [finished("a", { kind: "interrupted", leftOnHost: [] })],
      exitCodes.interrupted,
      true,
    ],
    "interrupted, a host not restored": [
      [finished("a", { kind: "interrupted", leftOnHost: left })],
      exitCodes.hostNeedsPerson,
      true,
    ],
    "a bug": [[finished("a", { kind: "bug", error: new Error("x"), leftOnHost: [] })], exitCodes.bug],
  };
  for (const [name, [events, code, wasStopped = false]] of Object.entries(cases)) {
    it(`gives ${code} for ${name}`, () => {
      assert.equal(runExitCode(fold(...events), { wasStopped }), code);
    });
  }
});

describe("summary()", () => {
  it("has a row for each VM, each cause with its next command, and the count", () => {
    const text = summary(
      fold(
        finished("web", good),
        finished("db", failed),
        finished(`a\u001b[2Jb`, { ...good, leftOnHost: left }),
      ),
    );
    assert.match(text, /^kvm1\/web +ok +- +- +5\.0M +12s +4\.2s +filesystem$/m);
    assert.match(text, /^kvm1\/db +failed +- +-$/m);
    assert.match(text, /! Lost the connection to host "kvm1"/);
    assert.match(text, /left on the host: fold-overlay: vda: the block job does not pivot/);
    assert.match(text, /2 of 3 VMs backed up$/);
    assert.ok(!text.includes("\u001b[2J"));
  });

  it("fits into 80 columns with what was read, sent and stored, however long a name is", () => {
    const long = `vm-${"x".repeat(60)}`;
    const copied = (vm: string): Event => ({
      ...{ kind: "vm", host: "kvm1", vm },
      event: {
        kind: "copy-finished",
        target: "vda",
        bytes: 20 * 2 ** 30,
        sentBytes: 212 * 2 ** 20,
        seconds: 1,
      },
    });
    const times = { seconds: 59.7 * 60, secondsOnOverlay: 3 * 60 + 5, storedBytes: 1023.4 * 2 ** 20 };
    const names = ["short-one", long];
    const text = summary(
      fold(
        ...names.flatMap((vm) => [copied(vm), finished(vm, { ...good, ...times, leftOnHost: left })]),
        copied("db"),
        finished("db", { kind: "interrupted", leftOnHost: left }),
      ),
    );
    const [head = "", first = "", name = "", second = "", third = ""] = text.split("\n");
    assert.match(head, /^VM +RESULT +READ +SENT +STORED +TIME +OVERLAY +CONSISTENCY$/);
    const figures = "ok, host ! +20\\.0G +212M +1023M +59m42s +3m05s +filesystem";
    assert.match(first, new RegExp(`^kvm1/short-one +${figures}$`));
    assert.equal(name, `kvm1/${long}`);
    assert.match(second, new RegExp(`^ +${figures}$`));
    assert.match(third, /^kvm1\/db +interrupted ! +20\.0G +212M$/);
    for (const line of [head, first, second, third]) assert.ok(line.length <= 80, `${line.length}: ${line}`);
  });

  it("tells no time on an overlay of a VM that was off, also when it had not been shut down", () => {
    const off = { secondsOnOverlay: 0, overlayPeakBytes: 0 };
    for (const consistency of ["offline", "crash"] as const) {
      const text = summary(fold(finished("web", { ...good, ...off, consistency })));
      assert.match(text, new RegExp(`kvm1/web +ok .* 5\\.0M +12s +- +${consistency}`));
    }
  });
});
