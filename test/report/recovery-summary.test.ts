import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { recoverExitCode } from "../../lib/cli/recover-exit-code.ts";
import type { Recovery, RecoveryEvent, RecoveryOutcome } from "../../lib/model/recovery.ts";
import { recoveryLine } from "../../lib/report/recovery-lines.ts";
import { emptyRecovery, recoveryStatus, type RecoveryStatus } from "../../lib/report/recovery-status.ts";
import { recoverySummary } from "../../lib/report/recovery-summary.ts";
import { awkwardName as name, guard, outcomes, recoveries } from "./sample-recoveries.ts";

const recovered = (recovery: Recovery, outcome: RecoveryOutcome): RecoveryEvent => ({
  ...{ kind: "recovered", host: "kvm1", vm: name, recovery, outcome },
});
const fold = (...events: readonly RecoveryEvent[]): RecoveryStatus =>
  events.reduce(recoveryStatus, emptyRecovery);
const finished = { kind: "host-finished", host: "kvm1" } as const;
const dry = { isDryRun: true };
const wet = { isDryRun: false };
const isForProgram = ({ kind }: Recovery): boolean => ["held", "restore", "adopt"].includes(kind);

describe("recoverySummary()", () => {
  for (const recovery of recoveries) {
    const fits = Object.values(outcomes).filter(
      ({ kind }) => isForProgram(recovery) === (kind !== "needs-person"),
    );
    for (const outcome of fits) {
      it(`says what ${recovery.kind} ${"why" in recovery ? recovery.why : ""} came to: ${outcome.kind}`, () => {
        const text = recoverySummary(fold(recovered(recovery, outcome), finished), wet);
        assert.doesNotMatch(text, /undefined|\[object/);
        assert.equal(/[^\P{Cc}\n]/u.exec(text), null, "no control characters");
        assert.doesNotMatch(text, /\brm /, "nobody is told to delete anything on a host");
      });
    }
  }

  it("gives commands in which names are quoted", () => {
    const need = recoveries.find(({ kind }) => kind === "unknown-base")!;
    const text = recoverySummary(fold(recovered(need, outcomes["needs-person"]), finished), wet);
    assert.ok(text.includes(`qemu-img info -U --backing-chain '/images/it'\\''s/vda.virtfold-`), text);
    assert.ok(text.includes(`virsh domblklist --details 'Ümläut & <Söhne> "it'\\''s" [2J'`), text);
    assert.match(text, /then run|run: npx tsx scripts\/recover\.ts kvm1/);
  });

  it("says who uses the base of an overlay, and how each of them comes to do without it", () => {
    const need = recoveries.find(({ kind }) => kind === "shared-base")!;
    const status = fold(recovered(need, outcomes["needs-person"]), finished);
    const text = recoverySummary(status, wet);
    assert.match(text, /would write to "\/b", which is also used by ".*", "clone"\. /);
    assert.match(text, /neither file may be deleted/);
    assert.ok(text.includes(`virsh domblklist --details clone. `), text);
    assert.ok(text.includes(`virsh blockpull 'Ümläut & <Söhne> "it'\\''s" [2J' TARGET --wait; `), text);
    assert.ok(text.includes(`virsh blockpull clone TARGET --wait. `), text);
    assert.match(text, /Then run: npx tsx scripts\/recover\.ts kvm1\n/);
    assert.equal(recoverExitCode(status, { wasStopped: false }), 4);
  });

  it("says of every file that lies about that it must not be deleted while it is used", () => {
    for (const recovery of recoveries.filter(({ kind }) => kind === "stray-file")) {
      const text = recoverySummary(fold(recovered(recovery, outcomes["needs-person"]), finished), wet);
      assert.match(text, /must not be deleted while any image is based on it/);
      assert.match(text, /qemu-img info -U/);
    }
  });

  const started = { kind: "survey-started", host: "kvm1" } as const;
  const counts: readonly (readonly [events: readonly RecoveryEvent[], options: typeof wet, line: string])[] =
    [
      [[started], wet, "Nothing was found, 1 host not looked through to the end"],
      [[started, finished], wet, "Nothing is left on 1 host"],
      [[finished, { ...finished, host: "kvm2" }], wet, "Nothing is left on 2 hosts"],
      [[{ kind: "store-swept", store: "/s", folders: [] }], wet, "Nothing is left on the store"],
      [
        [recovered(recoveries[1]!, outcomes.restored), recovered(recoveries[0]!, outcomes.held), finished],
        wet,
        "1 of 2 put right on 1 host, 1 at work",
      ],
      [
        [recovered(recoveries[1]!, outcomes["would-restore"]), finished],
        dry,
        "1 found on 1 host; nothing was changed",
      ],
      [
        [
          recovered(recoveries[1]!, outcomes.left),
          finished,
          {
            kind: "host-failed",
            host: "kvm2",
            reason: { kind: "connection-lost", host: "kvm2", detail: "x" },
          },
        ],
        wet,
        "0 of 1 put right on 1 host, 1 needs a person, 1 host not reached",
      ],
    ];
  for (const [events, options, line] of counts) {
    it(`counts: ${line}`, () =>
      assert.equal(
        recoverySummary(fold(...events), options)
          .split("\n")
          .at(-1),
        line,
      ));
  }

  it("tells what became of folders in the store", () => {
    const folders = (["removed", "in-use", "unknown-owner", "not-ours", "failed"] as const).map((fate) => ({
      ...{ path: `/s/kvm1/it's/.partial-${fate}`, fate, detail: fate === "failed" ? "EROFS" : undefined },
    }));
    const status = fold(finished, { kind: "store-swept", store: "/s", folders });
    const text = recoverySummary(status, wet);
    assert.match(text, /\.partial-removed +removed$/m);
    assert.match(text, /\.partial-in-use +at work, left alone$/m);
    assert.match(text, /cannot be proved .* rm -r -- '\/s\/kvm1\/it'\\''s\/\.partial-unknown-owner'$/m);
    assert.match(text, /could not be removed \(EROFS\)/);
    assert.match(text, /^1 of 5 put right on 1 host and the store, 1 at work, 3 need a person$/m);
    assert.match(recoverySummary(status, dry), /\.partial-removed +would be removed$/m);
  });
});

describe("recoveryLine()", () => {
  it("keeps names from forging lines", () => {
    for (const event of [
      ...recoveries.map((recovery) => recovered(recovery, outcomes.held)),
      { kind: "lease-awaited", host: "kvm1", vm: name, guard } as const,
      { kind: "restore-started", host: "kvm1", vm: name, backupId: name } as const,
      { kind: "overlay-folded", host: "kvm1", vm: name, target: name } as const,
      { kind: "stopping", signal: "SIGINT" } as const,
    ]) {
      const text = recoveryLine(event)?.text ?? "";
      assert.equal(/\p{Cc}/u.exec(text), null, text);
      assert.doesNotMatch(text, /undefined|\[object/);
    }
  });
});

describe("recoverExitCode()", () => {
  const going = { wasStopped: false };
  const failedHost: RecoveryEvent = {
    ...{ kind: "host-failed", host: "kvm2", reason: { kind: "connection-lost", host: "kvm2", detail: "x" } },
  };
  const of = (kind: RecoveryOutcome["kind"]): RecoveryEvent => recovered(recoveries[1]!, outcomes[kind]);
  it("is 0 when nothing needs anybody", () => {
    for (const event of [finished, of("restored"), of("held"), of("ended-by-itself"), of("would-restore")])
      assert.equal(recoverExitCode(fold(event), going), 0);
  });
  it("is 4 for what needs a person, whatever else happened", () => {
    for (const event of [of("left"), of("needs-person"), of("failed")])
      assert.equal(recoverExitCode(fold(event, failedHost), { wasStopped: true }), 4);
  });
  it("is 3 for a host that was not asked, and 130 after a signal", () => {
    assert.equal(recoverExitCode(fold(failedHost), going), 3);
    assert.equal(recoverExitCode(fold(failedHost), { wasStopped: true }), 130);
  });
  it("is 3 for a store that was not looked through, which is said beside what became of the hosts", () => {
    const reason = { kind: "store-missing", store: "/mnt/gone" } as const;
    const status = fold({ kind: "store-failed", store: "/mnt/gone", reason }, of("restored"), finished);
    assert.equal(recoverExitCode(status, going), 3);
    assert.equal(recoverExitCode(fold(of("left"), { kind: "store-failed", store: "/s", reason }), going), 4);
    const text = recoverySummary(status, wet);
    assert.match(text, /^! .*"\/mnt\/gone"/m);
    assert.match(text, /^1 of 1 put right on 1 host, the store not looked through$/m);
  });
});
