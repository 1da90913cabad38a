// Which test files there are, and which stage runs them.

import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** Test files by the stage that runs them, relative to the top of the repository, in a fixed order. */
export interface TestFiles {
  /** Need nothing but the packages; run on every runtime. */
  readonly unit: readonly string[];
  /** Processes that are killed at every step, and the like: slow, but they need nothing more. */
  readonly faults: readonly string[];
  /** Bring up the lab's hosts: they need root, and Debian or Ubuntu. */
  readonly lab: readonly string[];
  /** Whole commands against the lab. */
  readonly e2e: readonly string[];
  /** Faults at every point of a backup, against the lab. */
  readonly matrix: readonly string[];
}

/**
 * Against the lab, the longest first (seconds of a run on two slow processors: 907, 303, 231, 227, 198, 188, 175, 152, 142,
 * 107 and less): one that begins late is waited for by itself.
 */
export const longTests = [
  "test/faults/matrix",
  "test/e2e/fleet",
  "test/e2e/backup-truth",
  "test/e2e/generations",
  "test/faults/undo-verbs",
  "test/e2e/recover",
  "test/e2e/restore.",
  "test/e2e/drill",
  // Reads everything that a host has.
  "test/e2e/init",
  "test/e2e/quiesce",
  "test/e2e/self-restore",
  "test/e2e/options",
  "test/e2e/restore-elsewhere",
  "test/e2e/local-host",
  "test/e2e/bad-input",
  "test/e2e/window-trouble",
  "test/e2e/restore-onto-device",
];

/** Finds all test files under `test/`. */
export async function findTestFiles(top: string): Promise<TestFiles> {
  const names = await readdir(join(top, "test"), { recursive: true });
  return sortTestFiles(names.map((name) => `test/${name}`));
}

/**
 * Beside what they test, but slow: the guard at work in three shells, a store whose writer is killed at each step, and a
 * host that is waited for until it counts as dead.
 */
const faultTests = [
  "test/guard/fold-",
  "test/guard/restore-again",
  "test/guard/keep-overlay",
  "test/guard/thaw",
  "test/guard/watch",
  "test/ssh/dead-peer",
  "test/store/crash",
];

/** Among those that need only the packages: what starts many processes, reads very much, or waits for time to pass. */
const patientTests = [
  "test/backup/verify-copies",
  "test/cli/hooked-run",
  "test/cli/outputs",
  "test/cli/secrets",
  "test/config/inventory-fuzz",
  "test/contract/",
  "test/fleet/await-lease",
  "test/fleet/plan-backups",
  "test/fleet/prune-store",
  "test/fleet/survey",
  "test/fleet/verify-store",
  "test/guard/",
  "test/hypervisor/device-state",
  "test/hypervisor/qemu-img",
  "test/restore/hostile-backup",
  "test/runtimes/",
  "test/scripts/package",
  "test/scripts/run-",
  "test/scripts/script-help",
  "test/shell/local-connection",
  "test/ssh/",
  "test/store/hostile-manifest",
  "test/store/list-backups",
  "test/store/publish-",
  "test/store/remove-backup",
  "test/store/store-full",
  "test/store/store.",
  "test/store/sweep-leftovers",
  "test/transfer/",
  "test/verify/",
];

/**
 * Among those that need only the packages: what is not about code that runs on other runtimes too. The guard is shell text,
 * and does the same whoever has sent it; what sends it is tried everywhere (test/guard/guard, arm, journal, lease). The
 * tools of the tests themselves run on Node only, and so does what reads the source.
 */
const nodeOnlyTests = [
  "test/architecture",
  "test/docs/",
  "test/guard/adopt",
  "test/guard/define-back",
  "test/guard/find-files",
  "test/guard/hostile-journal",
  "test/guard/leftovers",
  "test/guard/remove-clone",
  "test/guard/resume-guest",
  "test/guard/undo-verbs",
  "test/guard/write-device",
  "test/scripts/",
  "test/support/architecture-rules",
  "test/verify/flipped-byte",
];

/** Those of the unit tests that run on Bun and Deno as well. */
export function portableTestFiles(unit: readonly string[]): readonly string[] {
  return unit.filter((path) => !nodeOnlyTests.some((start) => path.startsWith(start)));
}

/** Those of the unit tests that `npm run check` runs: together they take seconds. */
export function quickTestFiles(unit: readonly string[]): readonly string[] {
  return unit.filter((path) => !patientTests.some((start) => path.startsWith(start)));
}

/** Those that are known to take long before the others; else their order stays. */
export function longestFirst(paths: readonly string[]): readonly string[] {
  return byRank(paths, longTests);
}

/**
 * Among those that need only the packages: what starts hundreds of processes, the longest first (54 to 20 s on Node with
 * other parts beside it), then all the others of some folders.
 */
export const startingTests = [
  "test/contract/disk-copier",
  "test/cli/outputs",
  "test/contract/host-shell",
  "test/fleet/survey",
  "test/verify/verify-backup",
  "test/transfer/device-pusher",
  "test/ssh/both-ways",
  "test/transfer/transfer",
  "test/cli/secrets",
  "test/fleet/verify-store",
  "test/restore/hostile-backup",
  "test/ssh/openssh",
  "test/guard/",
  "test/ssh/",
  "test/transfer/",
  "test/shell/",
];

/**
 * Those that start many processes, the longest first; else their order stays. The time that a process takes to start a
 * child grows with the memory that it has (measured: 3 ms at 56 MB, 33 ms at 370 MB), and a test process never gets
 * smaller. What is dealt out from this takes about the same time in each share.
 */
export function startersFirst(paths: readonly string[]): readonly string[] {
  return byRank(paths, startingTests);
}

/** Sorts paths to stages, and leaves out what is no test. */
export function sortTestFiles(paths: readonly string[]): TestFiles {
  const tests = paths.filter((path) => path.endsWith(".test.ts")).toSorted();
  const under = (...starts: readonly string[]): readonly string[] =>
    tests.filter((path) => starts.some((start) => path.startsWith(start)));
  const slow = {
    faults: under(...faultTests),
    lab: under("test/lab/"),
    e2e: under("test/e2e/"),
    // What is deeper there only decides and draws, and needs no lab.
    matrix: under("test/faults/").filter((path) => path.split("/").length === 3),
  };
  const isSlow = new Set(Object.values(slow).flat());
  return { unit: tests.filter((path) => !isSlow.has(path)), ...slow };
}

/** Those whose path begins as one of these, in this order, before the others. */
function byRank(paths: readonly string[], starts: readonly string[]): readonly string[] {
  const rank = (path: string): number => {
    const known = starts.findIndex((start) => path.startsWith(start));
    return known === -1 ? starts.length : known;
  };
  return paths.toSorted((one, other) => rank(one) - rank(other));
}
