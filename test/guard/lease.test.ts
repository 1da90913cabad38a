// keepLease(): our own work stops before the host may act, and a copy counts only if the host had not begun to.

import assert from "node:assert/strict";
import { describe, it, mock } from "node:test";
import type { LeaseAnswer } from "../../lib/backup/ports.ts";
import { keepLease, type Lease } from "../../lib/guard/lease.ts";
import { BackupError, type FailureReason } from "../../lib/model/failure.ts";

const open: LeaseAnswer = { kind: "open", peakBytes: 0 };
const ended: LeaseAnswer = { kind: "ended", cause: "budget", detail: "too big" };
const lost = new BackupError({ kind: "connection-lost", host: "kvm1", detail: "reset" });

interface Held {
  readonly lease: Lease;
  readonly stop: AbortController;
  readonly renewals: () => number;
}

/** Does something with a lease that this answers, and lets go of it. */
async function withLease(
  { leaseSeconds, renew }: { readonly leaseSeconds: number; readonly renew: () => Promise<LeaseAnswer> },
  work: (held: Held) => Promise<void>,
): Promise<void> {
  let count = 0;
  mock.timers.enable({ apis: ["setInterval", "setTimeout", "Date"], now: 1_000_000 });
  const stop = new AbortController();
  const guard = {
    leaseSeconds,
    renew: () => {
      count++;
      return renew();
    },
  };
  const lease = keepLease(guard, { host: "kvm1", vm: "web", signal: stop.signal });
  try {
    await work({ lease, stop, renewals: () => count });
  } finally {
    lease.release();
    mock.timers.reset();
  }
}

const stepMilliseconds = 50;

/** Lets time go by, with everything that is waited for meanwhile. */
async function advance(seconds: number): Promise<void> {
  for (let left = seconds * 1000; left > 0; left -= stepMilliseconds) {
    mock.timers.tick(stepMilliseconds);
    await settled();
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Lets time go by until the lease is given up, and tells after how many seconds. */
async function aborted({ signal }: Lease): Promise<number> {
  const startedAt = Date.now();
  while (!signal.aborted && Date.now() - startedAt < 600_000) await advance(stepMilliseconds / 1000);
  assert.ok(signal.aborted, "not given up in 600 s");
  return (Date.now() - startedAt) / 1000;
}

function reasonOf(error: unknown): FailureReason {
  assert.ok(error instanceof BackupError, String(error));
  return error.reason;
}

async function refusal(work: Promise<unknown>): Promise<FailureReason> {
  return reasonOf(
    await work.then(
      () => undefined,
      (error: unknown) => error,
    ),
  );
}

describe("keepLease()", () => {
  it("renews at a third of the lease, for as long as it is held", async () => {
    await withLease({ leaseSeconds: 120, renew: async () => open }, async ({ lease, renewals }) => {
      await advance(38);
      assert.equal(renewals(), 0);
      await advance(600);
      assert.ok(!lease.signal.aborted);
      assert.ok(renewals() >= 14 && renewals() <= 16, String(renewals()));
      lease.release();
      const before = renewals();
      await advance(300);
      assert.equal(renewals(), before);
    });
  });

  it("gives up at two thirds of the lease when nothing is acknowledged, and says what it heard last", async () => {
    const answers: readonly (() => Promise<LeaseAnswer>)[] = [
      () => Promise.reject(lost),
      () => new Promise<never>(() => undefined),
      async () => ({ kind: "unclear", detail: "reset" }),
    ];
    for (const renew of answers) {
      await withLease({ leaseSeconds: 120, renew }, async ({ lease }) => {
        const seconds = await aborted(lease);
        assert.ok(seconds >= 80 && seconds <= 82, String(seconds));
        const reason = reasonOf(lease.signal.reason) as Extract<FailureReason, { kind: "lease-lost" }>;
        const { detail, ...rest } = reason;
        assert.deepEqual(rest, { kind: "lease-lost", host: "kvm1", vm: "web", seconds: 120 });
        assert.match(detail, /^(reset|no answer)$/);
      });
    }
  });

  it("counts from when the acknowledged renewal was sent, not from when its answer came", async () => {
    let isFirst = true;
    const renew = (): Promise<LeaseAnswer> => {
      if (!isFirst) return new Promise(() => undefined);
      isFirst = false;
      return new Promise((resolve) => setTimeout(() => resolve(open), 30_000));
    };
    await withLease({ leaseSeconds: 120, renew }, async ({ lease }) => {
      const seconds = await aborted(lease);
      // Sent at 40 s, answered at 70 s.
      assert.ok(seconds >= 120 && seconds <= 123, String(seconds));
    });
  });

  it("asks again soon when a renewal fails, and goes on when a later one is acknowledged", async () => {
    let count = 0;
    const renew = (): Promise<LeaseAnswer> =>
      count++ % 3 === 2 ? Promise.resolve(open) : Promise.reject(lost);
    await withLease({ leaseSeconds: 120, renew }, async ({ lease, renewals }) => {
      await advance(600);
      assert.ok(!lease.signal.aborted);
      assert.ok(renewals() > 20, String(renewals()));
    });
  });

  it("notices at once that the machine has slept", async () => {
    await withLease({ leaseSeconds: 120, renew: async () => open }, async ({ lease }) => {
      await advance(10);
      mock.timers.setTime(Date.now() + 3_600_000);
      await advance(2);
      assert.equal(reasonOf(lease.signal.reason).kind, "lease-lost");
    });
  });

  it("stops at once when the host says that it restores itself", async () => {
    await withLease({ leaseSeconds: 120, renew: async () => ended }, async ({ lease }) => {
      assert.ok((await aborted(lease)) < 42);
      const expected = {
        kind: "host-restored-itself",
        host: "kvm1",
        vm: "web",
        cause: "budget",
        detail: "too big",
      };
      assert.deepEqual(reasonOf(lease.signal.reason), expected);
      assert.deepEqual(await refusal(lease.confirm()), expected);
      assert.deepEqual(reasonOf(await lease.findEnd()), expected);
    });
  });

  it("confirm() asks the host anew, also when a renewal is under way", async () => {
    let answer: ((value: LeaseAnswer) => void) | undefined;
    const renew = (): Promise<LeaseAnswer> => new Promise((resolve) => (answer = resolve));
    await withLease({ leaseSeconds: 120, renew }, async ({ lease, renewals }) => {
      await advance(41);
      assert.equal(renewals(), 1);
      let isConfirmed = false;
      const confirmation = lease.confirm().then(() => (isConfirmed = true));
      answer?.(open);
      await settled();
      assert.deepEqual([renewals(), isConfirmed], [2, false]);
      answer?.(open);
      await confirmation;
      assert.equal(renewals(), 2);
    });
  });

  it("confirm() asks again when the link breaks", async () => {
    let count = 0;
    const renew = (): Promise<LeaseAnswer> => (++count === 1 ? Promise.reject(lost) : Promise.resolve(open));
    await withLease({ leaseSeconds: 120, renew }, async ({ lease, renewals }) => {
      const confirmation = lease.confirm();
      await settled();
      await advance(2);
      await confirmation;
      assert.equal(renewals(), 2);
    });
  });

  it("confirm() refuses what was copied when the host had begun to restore itself", async () => {
    await withLease({ leaseSeconds: 120, renew: async () => ended }, async ({ lease }) => {
      assert.equal((await refusal(lease.confirm())).kind, "host-restored-itself");
    });
  });

  it("findEnd() tells of an end that nobody has heard of yet, and of none when there is none", async () => {
    await withLease({ leaseSeconds: 120, renew: async () => ended }, async ({ lease }) => {
      assert.equal(reasonOf(await lease.findEnd()).kind, "host-restored-itself");
    });
    await withLease({ leaseSeconds: 120, renew: () => Promise.reject(lost) }, async ({ lease }) => {
      assert.equal(await lease.findEnd(), undefined);
    });
  });

  it("is aborted with the run", async () => {
    await withLease({ leaseSeconds: 120, renew: async () => open }, async ({ lease, stop }) => {
      stop.abort("SIGINT");
      assert.equal(lease.signal.reason, "SIGINT");
      assert.deepEqual(await refusal(lease.confirm()), { kind: "interrupted", signal: "SIGINT" });
    });
  });

  it("hands on what is a bug of ours", async () => {
    const bug = new TypeError("no");
    await withLease({ leaseSeconds: 120, renew: () => Promise.reject(bug) }, async ({ lease }) => {
      await aborted(lease);
      assert.equal(lease.signal.reason, bug);
      assert.equal(await lease.findEnd(), bug);
    });
  });
});
