import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HostShell } from "../../lib/backup/ports.ts";
import { awaitLease, hasRenewed } from "../../lib/fleet/await-lease.ts";
import { BackupError } from "../../lib/model/failure.ts";
import { buildGuardFacts } from "../support/build-guard-facts.ts";

describe("hasRenewed()", () => {
  const cases: readonly (readonly [before: number, after: number, seconds: number, expected: boolean])[] = [
    [5, 0, 1, true],
    [5, 4, 0, true],
    [0, 0, 1, false],
    [0, 0, 1.9, false],
    [0, 0, 2, true],
    // Each age may be wrong by one.
    [5, 5, 1.5, false],
    [5, 6, 2.5, false],
    [5, 10, 5, false],
    [1, 2, 3, true],
  ];
  for (const [before, after, seconds, expected] of cases) {
    it(`is ${expected} when ${before} s have become ${after} s after ${seconds} s`, () =>
      assert.equal(
        hasRenewed({ renewedSecondsAgo: before }, { renewedSecondsAgo: after }, seconds),
        expected,
      ));
  }
});

describe("awaitLease()", () => {
  const guard = buildGuardFacts({ renewedSecondsAgo: 0, leaseSeconds: 3 });
  /** A host that lists a guard like that, whose lease is so old. */
  const hostWith = (line: (age: number) => string): HostShell => {
    const startedAt = performance.now();
    const answer = (): string => line(Math.floor((performance.now() - startedAt) / 1000));
    return {
      name: "kvm1",
      run: async () => ({ code: 0, stdout: answer(), stderr: "" }),
      runAll: async () => [],
      runScript: async () => ({ code: 0, stdout: "", stderr: "" }),
    };
  };
  const { folder, uuid, backupId, vm, controller, since } = guard;
  const listed = (age: number, id = backupId): string =>
    `${["guard", folder, uuid, id, vm, controller, since, "open", age, 3, "yes"].join("\t")}\n`;
  const { signal } = new AbortController();

  it("sees that nobody renews it", async () => {
    assert.equal(
      await awaitLease(
        hostWith((age) => listed(age)),
        guard,
        signal,
      ),
      "expired",
    );
  });

  it("sees that somebody renews it", async () => {
    assert.equal(
      await awaitLease(
        hostWith(() => listed(0)),
        guard,
        signal,
      ),
      "renewed",
    );
  });

  it("sees that it is gone, also when another one has come", async () => {
    assert.equal(
      await awaitLease(
        hostWith(() => ""),
        guard,
        signal,
      ),
      "gone",
    );
    assert.equal(
      await awaitLease(
        hostWith(() => listed(0, "another")),
        guard,
        signal,
      ),
      "gone",
    );
  });

  it("ends at once when it is told to stop", async () => {
    const stop = new AbortController();
    const waiting = awaitLease(
      hostWith((age) => listed(age)),
      guard,
      stop.signal,
    );
    stop.abort("SIGINT");
    await assert.rejects(
      waiting,
      (error) => error instanceof BackupError && error.reason.kind === "interrupted",
    );
  });
});
